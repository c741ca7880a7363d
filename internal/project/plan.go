package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// WriteAction is what is to be done with a rendered file.
type WriteAction string

// The actions.
const (
	CreateFile    WriteAction = "create"    // it is not there
	KeepSame      WriteAction = "unchanged" // it is as rendered
	UpdateFile    WriteAction = "update"    // devbox wrote it, and would write it otherwise now
	KeepEdited    WriteAction = "kept"      // devbox wrote it, and somebody changed it
	KeepForeign   WriteAction = "foreign"   // somebody else wrote it
	OverwriteFile WriteAction = "overwrite" // edited or foreign, and to be replaced all the same
)

// PlannedFile is one rendered file and what becomes of it.
type PlannedFile struct {
	File
	Action WriteAction
	// Existing is what is there; nil where nothing is.
	Existing []byte
}

// WritePlan is what becomes of the rendered files.
type WritePlan struct{ Files []PlannedFile }

// PlanWrite compares rendered files with what is there. A file that somebody
// wrote or changed is left alone.
func PlanWrite(existing map[string][]byte, rendered []File) WritePlan {
	var p WritePlan
	for _, f := range rendered {
		data, there := existing[f.Name]
		planned := PlannedFile{File: f, Action: CreateFile}
		if there {
			planned.Existing, planned.Action = data, actionOn(data, f.Data)
		}
		p.Files = append(p.Files, planned)
	}
	return p
}

func actionOn(existing, rendered []byte) WriteAction {
	switch who := author(existing); {
	case bodyDigest(existing) == bodyDigest(rendered):
		return KeepSame
	case who == ours:
		return UpdateFile
	case who == edited && bodyDigest(body(existing)) == bodyDigest(body(rendered)):
		return UpdateFile
	case who == edited:
		return KeepEdited
	}
	return KeepForeign
}

// Forced is the plan with the user's own files replaced too. They are kept as backups.
func (p WritePlan) Forced() WritePlan {
	out := WritePlan{Files: make([]PlannedFile, len(p.Files))}
	for i, f := range p.Files {
		if f.Action == KeepEdited || f.Action == KeepForeign {
			f.Action = OverwriteFile
		}
		out.Files[i] = f
	}
	return out
}

// Clean tells that every file is as rendered.
func (p WritePlan) Clean() bool {
	for _, f := range p.Files {
		if f.Action != KeepSame {
			return false
		}
	}
	return true
}

// String lists the files, one a line: `create     Dockerfile`.
func (p WritePlan) String() string {
	var b strings.Builder
	for _, f := range p.Files {
		fmt.Fprintf(&b, "%-10s %s\n", f.Action, f.Name)
	}
	return b.String()
}

// Diff shows how the file that is there differs from the rendered one, in the
// unified form; empty where it does not. What is there is the old side.
func (f PlannedFile) Diff() string {
	rendered := f.Data
	if f.Action == KeepEdited {
		// The header's digest differs by nature, and is not what was edited.
		header, _, _ := bytes.Cut(f.Existing, []byte("\n"))
		rendered = append(append(bytes.Clone(header), '\n'), body(f.Data)...)
	}
	out := diff.Diff(f.Name+" (as it is)", f.Existing, f.Name+" (as rendered)", rendered)
	_, unified, _ := strings.Cut(string(out), "\n")
	return unified
}

// Warning is something that the user should know, and what to do about it.
type Warning struct{ Text, Hint string }

// Warnings are for the files that are kept although they differ.
func (p WritePlan) Warnings() []Warning {
	var list []Warning
	for _, f := range p.Files {
		switch f.Action {
		case KeepEdited:
			list = append(list, Warning{
				Text: f.Name + " was edited by hand, so it is kept as it is",
				Hint: "`devbox render --diff` shows the edit; `devbox render --force` replaces it and keeps a backup; put what should stay into `compose:` in " + ModelFile,
			})
		case KeepForeign:
			if f.Name == IgnoreFile {
				continue // a project's own serves as well; init has looked at it
			}
			list = append(list, Warning{
				Text: f.Name + " was not made by devbox, so it is kept as it is",
				Hint: "`devbox render --diff` shows how it differs; `devbox render --force` replaces it and keeps a backup",
			})
		}
	}
	return list
}

// Existing reads the files that rendered ones would replace.
func Existing(root *os.Root, rendered []File) (map[string][]byte, error) {
	there := map[string][]byte{}
	for _, f := range rendered {
		data, err := ReadFile(root, f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			there[f.Name] = data
		}
	}
	return there, nil
}

// Apply carries a plan out and returns the names of the files it wrote. All of
// them are written to disk before the first is put into its place. A file that
// changed since the plan was made is ErrChanged, and then nothing is done.
func (p WritePlan) Apply(root *os.Root) ([]string, error) {
	sweep(root, ".")
	var ready []staged
	discard := func() {
		for _, s := range ready {
			s.discard(root)
		}
	}
	for _, f := range p.Files {
		list, err := f.stage(root)
		ready = append(ready, list...)
		if err != nil {
			discard()
			return nil, err
		}
	}
	var written []string
	for _, s := range ready {
		if err := s.commit(root); err != nil {
			discard()
			return written, err
		}
		written = append(written, s.name)
	}
	return written, nil
}

// stage prepares a file, and the backup of what it replaces.
func (f PlannedFile) stage(root *os.Root) ([]staged, error) {
	switch f.Action {
	case CreateFile, UpdateFile, OverwriteFile:
	default:
		return nil, nil
	}
	now, err := ReadFile(root, f.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if (err == nil) != (f.Existing != nil) || !bytes.Equal(now, f.Existing) {
		return nil, &FileError{Op: "write", Name: f.Name, Err: ErrChanged}
	}
	var list []staged
	if f.Action == OverwriteFile {
		backup, err := f.stageBackup(root)
		if err != nil {
			return nil, err
		}
		list = append(list, backup)
	}
	s, err := stage(root, f.Name, f.Name, f.Data)
	if err != nil {
		return list, err
	}
	return append(list, s), nil
}

// stageBackup copies the file to a name that is free: NAME.devbox-backup, then
// NAME.devbox-backup-2 and so on.
func (f PlannedFile) stageBackup(root *os.Root) (staged, error) {
	const tries = 1000
	for n := 1; n <= tries; n++ {
		name := f.Name + ".devbox-backup"
		if n > 1 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		if _, err := root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return stage(root, name, f.Name, f.Existing)
		}
	}
	return staged{}, &FileError{Op: "write", Name: f.Name + ".devbox-backup", Err: errors.New("there are too many backups")}
}
