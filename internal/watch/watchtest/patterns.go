package watchtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Pattern is one way to save.
type Pattern struct {
	Name string
	save func(s *Storm) error
}

// Save changes the source tree in the pattern's way.
func (s *Storm) Save(p Pattern) error {
	if err := p.save(s); err != nil {
		return fmt.Errorf("save %d, %s: %w", s.n, p.Name, err)
	}
	return nil
}

// Patterns are all ways to save.
func Patterns() []Pattern {
	return []Pattern{
		{"written in place", func(s *Storm) error { return s.write(s.file(), s.content()) }},
		{"written in two halves", (*Storm).halves},
		{"moved over by an atomic save", func(s *Storm) error { return s.atomic(s.file(), s.content()) }},
		{"vim that renames", func(s *Storm) error { return s.vim(true) }},
		{"vim that copies", func(s *Storm) error { return s.vim(false) }},
		{"JetBrains", (*Storm).jetBrains},
		{"emacs", (*Storm).emacs},
		{"sed -i", func(s *Storm) error { return s.run("sed", "-i", "s/.*/"+s.content()[:16]+"/", s.path(s.file())) }},
		{"git checkout", (*Storm).checkout},
		{"mkdir -p and write", func(s *Storm) error {
			return s.write(fmt.Sprintf("%s/d%d/x/y/f.txt", s.folder(), s.rnd.IntN(5)), s.content())
		}},
		{"folder moved in", (*Storm).moveIn},
		{"folder moved out", (*Storm).moveOut},
		{"folders swapped", (*Storm).swap},
		{"folder renamed, and a file in it written", (*Storm).renameFolder},
		{"symlink set to another file", (*Storm).symlink},
		{"removed and made again", (*Storm).again},
		{"folder removed and made again", (*Storm).folderAgain},
		{"same size and an old time", (*Storm).oldTime},
		{"saved again and again during a restart", (*Storm).often},
		{"a hard link over the file", (*Storm).hardLink},
	}
}

func (s *Storm) halves() error {
	name, content := s.file(), s.content()
	if err := s.write(name, content[:7]); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path(name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content[7:])
	return errors.Join(err, f.Close())
}

func (s *Storm) atomic(name, content string) error {
	temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".tmp")
	return errors.Join(s.write(temporary, content), s.move(temporary, name))
}

// vim writes a swap file, probes the folder, keeps a backup while it writes.
func (s *Storm) vim(renames bool) error {
	name := s.file()
	dir, base := filepath.Split(name)
	swap, probe := dir+"."+base+".swp", dir+"4913"
	err := errors.Join(s.write(swap, "swap"), s.write(probe, ""), s.remove(probe))
	if renames {
		err = errors.Join(err, s.move(name, name+"~"))
	} else {
		err = errors.Join(err, s.write(name+"~", "backup"))
	}
	return errors.Join(err, s.write(name, s.content()), s.remove(name+"~"), s.remove(swap))
}

func (s *Storm) jetBrains() error {
	name := s.file()
	return errors.Join(
		s.write(name+"___jb_tmp___", s.content()), s.move(name, name+"___jb_old___"),
		s.move(name+"___jb_tmp___", name), s.remove(name+"___jb_old___"),
	)
}

func (s *Storm) emacs() error {
	name := s.file()
	dir, base := filepath.Split(name)
	lock := dir + ".#" + base
	return errors.Join(
		os.Symlink("user@host.1:1", s.path(lock)), s.write(dir+"#"+base+"#", "saved by itself"),
		s.move(name, name+"~"), s.write(name, s.content()), s.remove(name+"~"), s.remove(dir+"#"+base+"#"), s.remove(lock),
	)
}

// checkout switches to a branch that differs in some files. All that other
// patterns have done goes into the branch that it leaves.
func (s *Storm) checkout() error {
	to := s.elsewhere
	s.elsewhere = map[string]string{"one": "other", "other": "one"}[to]
	return errors.Join(
		s.git("add", "-A", Source), s.git("commit", "-q", "--allow-empty", "-m", "all"),
		s.git("checkout", "-q", to), s.write(s.file(), s.content()),
	)
}

func (s *Storm) moveIn() error {
	outside, err := os.MkdirTemp(filepath.Dir(s.dir), "storm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(outside)
	inner := filepath.Join(outside, "sub", "deep")
	err = errors.Join(os.MkdirAll(inner, 0o755), os.WriteFile(filepath.Join(inner, "f.txt"), []byte(s.content()), 0o644))
	to := s.folder() + "/moved"
	return errors.Join(err, s.remove(to), os.Rename(filepath.Join(outside, "sub"), s.path(to)))
}

func (s *Storm) moveOut() error {
	outside, err := os.MkdirTemp(filepath.Dir(s.dir), "storm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(outside)
	name := s.folder() + "/leaving"
	return errors.Join(
		s.write(s.file(), s.content()), s.write(name+"/x/f.txt", s.content()),
		os.Rename(s.path(name), filepath.Join(outside, "gone")),
	)
}

func (s *Storm) swap() error {
	a, b := s.folder(), s.folder()
	if a == b {
		b = "m0"
	}
	if a == b {
		b = "m1"
	}
	return errors.Join(s.move(a, "swapping"), s.move(b, a), s.move("swapping", b), s.write(a+"/f0.txt", s.content()))
}

func (s *Storm) renameFolder() error {
	dir := s.folder()
	return errors.Join(
		s.move(dir, dir+"-renamed"), s.write(dir+"-renamed/deep/f.txt", s.content()),
		s.move(dir+"-renamed", dir), s.write(dir+"/deep/f.txt", s.content()),
	)
}

func (s *Storm) symlink() error {
	link := s.folder() + "/link"
	return errors.Join(s.remove(link), os.Symlink("f"+s.content()[8:16], s.path(link)))
}

func (s *Storm) again() error {
	name := s.file()
	return errors.Join(s.remove(name), s.write(name, s.content()))
}

func (s *Storm) folderAgain() error {
	dir := s.folder()
	err := s.remove(dir)
	for i := range files {
		err = errors.Join(err, s.write(fmt.Sprintf("%s/f%d.txt", dir, i), s.content()))
	}
	return err
}

func (s *Storm) oldTime() error {
	name := s.file()
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	return errors.Join(s.write(name, s.content()), os.Chtimes(s.path(name), old, old))
}

// often leaves time for a restart to begin between one save and the next.
func (s *Storm) often() error {
	name := s.file()
	var err error
	for range 5 {
		err = errors.Join(err, s.write(name, s.content()))
		time.Sleep(time.Duration(s.rnd.IntN(30)) * time.Millisecond)
	}
	return err
}

func (s *Storm) hardLink() error {
	name := s.file()
	temporary := name + ".tmp"
	return errors.Join(s.write(temporary, s.content()), s.remove(name), os.Link(s.path(temporary), s.path(name)), s.remove(temporary))
}
