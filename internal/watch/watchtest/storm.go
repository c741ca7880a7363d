// Package watchtest saves files in the ways in which editors, tools and people
// do, for tests that have to show that no edit is lost: after each save, what
// runs must have read what is there.
package watchtest

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"
)

var (
	soak = flag.Bool("soak", false, "run storms in their whole length")
	many = flag.Int("saves", 10000, "how many saves a storm has in its whole length")
	seed = flag.Uint64("seed", 0, "the seed of storms; 0 takes a new one")
)

// Soak tells whether storms are wanted in their whole length.
func Soak() bool { return *soak }

// Saves is how many saves a storm has in its whole length.
func Saves() int { return *many }

// Source is the folder below a Storm's own that it saves files in.
const Source = "src"

const (
	folders = 5
	files   = 4
)

// Storm saves files of a source tree, never with the same content twice.
type Storm struct {
	dir string
	rnd *rand.Rand
	n   int
	// elsewhere is the branch that is not checked out.
	elsewhere string
}

// Random is a source of random numbers whose seed is printed: that of the flag, or a
// new one.
func Random(t testing.TB) *rand.Rand {
	t.Helper()
	s := *seed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("the seed is %d (-seed)", s)
	return rand.New(rand.NewPCG(s, s))
}

// NewStorm makes a source tree in dir, which is under git, and prints the seed.
// With the same seed the saves are the same.
func NewStorm(t testing.TB, dir string) *Storm {
	t.Helper()
	storm := &Storm{dir: dir, rnd: Random(t), elsewhere: "other"}
	for i := range folders {
		for j := range files {
			if err := storm.write(fmt.Sprintf("m%d/f%d.txt", i, j), storm.content()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "one"}, {"config", "gc.auto", "0"}, {"add", Source}, {"commit", "-q", "-m", "a"}, {"branch", "other"},
	} {
		if err := storm.git(args...); err != nil {
			t.Fatal(err)
		}
	}
	return storm
}

// passing are the names that editors give to files for a moment, beside the one
// that is saved. A watcher ignores them, so nobody looks again when they are gone.
const passing = `~$|^\.#|^#.*#$|___jb_(tmp|old)___$|\.swp$|^4913$`

var isPassing = regexp.MustCompile(passing)

// Digest is that of the source tree below dir: names, contents and targets of
// symlinks, in the order of their paths, without the temporary files of editors.
// It fails while the tree is being changed.
func Digest(dir string) (string, error) {
	h := sha256.New()
	root := filepath.Join(dir, Source)
	var paths []string
	entries := map[string]fs.DirEntry{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isPassing.MatchString(d.Name()) {
			return err
		}
		rel, err := filepath.Rel(root, path)
		paths = append(paths, rel)
		entries[rel] = d
		return err
	})
	if err != nil {
		return "", err
	}
	slices.Sort(paths)
	for _, rel := range paths {
		read := os.ReadFile
		if entries[rel].Type()&fs.ModeSymlink != 0 {
			read = func(path string) ([]byte, error) {
				target, err := os.Readlink(path)
				return []byte(target), err
			}
		}
		content, err := read(filepath.Join(root, rel))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s\x00%s\x00", rel, content)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// DigestModule is the same as a JavaScript module, which reads the folder once,
// when it is loaded.
const DigestModule = `import { createHash } from 'node:crypto';
import fs from 'node:fs';
const root = 'src';
const walk = (dir) => fs.readdirSync(root + dir, { withFileTypes: true }).flatMap((e) =>
  e.isDirectory() ? walk(dir + '/' + e.name) : /` + passing + `/.test(e.name) ? [] : [(dir + '/' + e.name).slice(1)]);
const hash = createHash('sha256');
for (const path of walk('').sort()) {
  const file = root + '/' + path;
  const content = fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file);
  hash.update(path + '\0').update(content).update('\0');
}
export const digest = hash.digest('hex');
`

func (s *Storm) path(name string) string { return filepath.Join(s.dir, Source, name) }

// content differs from all before it, mostly in the same number of bytes.
func (s *Storm) content() string {
	s.n++
	return fmt.Sprintf("content %08d\n", s.n)
}

// file picks one of the files that are there.
func (s *Storm) file() string {
	var all []string
	_ = filepath.WalkDir(s.path(""), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(s.path(""), path)
			all = append(all, rel)
		}
		return nil
	})
	return all[s.rnd.IntN(len(all))]
}

// folder picks one of the folders that are always there.
func (s *Storm) folder() string { return fmt.Sprintf("m%d", s.rnd.IntN(folders)) }

func (s *Storm) write(name, content string) error {
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(s.path(name), []byte(content), 0o644)
}

func (s *Storm) move(from, to string) error { return os.Rename(s.path(from), s.path(to)) }

func (s *Storm) remove(name string) error { return os.RemoveAll(s.path(name)) }

func (s *Storm) git(args ...string) error {
	return s.run("git", append([]string{"-c", "user.name=storm", "-c", "user.email=storm@localhost"}, args...)...)
}

func (s *Storm) run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %q: %w: %s", name, args, err, out)
	}
	return nil
}

// Shuffle puts patterns into another order.
func (s *Storm) Shuffle(patterns []Pattern) {
	s.rnd.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
}
