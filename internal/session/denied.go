package session

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
)

var (
	deniedWords = regexp.MustCompile(`\b(?:EACCES|EPERM|EROFS)\b|[Pp]ermission denied|[Oo]peration not permitted`)
	deniedPath  = regexp.MustCompile(`(?:^|[\s'"(` + "`" + `])(` + regexp.QuoteMeta(project.AppDir) + `(?:/[^\s'"` + "`" + `:,;)\]}]*)?)(?:$|[\s'"` + "`" + `:,;)\]}])`)
)

// denied is what an app was kept from: a file or folder, relative to the project.
type denied struct {
	name   string
	folder bool
}

// deniedIn finds what an app was kept from by the last lines of its output.
func deniedIn(lines []string) (denied, bool) {
	for _, line := range slices.Backward(lines) {
		if !deniedWords.MatchString(line) {
			continue
		}
		if m := deniedPath.FindStringSubmatch(line); m != nil {
			name, inside := inApp(m[1])
			return denied{name, strings.Contains(line, "mkdir") || name == "."}, inside
		}
	}
	return denied{}, false
}

// inApp is a path in a container relative to the project, and whether it is in it.
func inApp(name string) (string, bool) {
	name = path.Clean(name)
	if name == project.AppDir {
		return ".", true
	}
	return strings.CutPrefix(name, project.AppDir+"/")
}

// denial says why an app could not write something, and what can be done.
type denial struct{ text, hint string }

// deniedPlace is what an app was kept from, as it is on the host.
type deniedPlace struct {
	denied
	// service is the app's, user is who it runs as.
	service, user string
	// inVolume says that a volume of the app's own is there.
	inVolume bool
	// have is what is there of it: itself, or the folder that it would be in. owner is
	// whose that is, negative where it is the app's or says nothing of who may write.
	have  string
	owner int
	// folder is what a volume can be mounted on to have it written, empty for nothing;
	// top tells of something right in the app's folder.
	folder string
	top    bool
}

// lookAtDenied looks at what an app was kept from.
func lookAtDenied(d Desired, service string, what denied) deniedPlace {
	s, _ := d.Project.Model.Service(service)
	p := deniedPlace{
		denied: what, service: service, owner: -1,
		inVolume: isIn(d.Project.PackageOf(s).Writes(s), what.name),
		have:     nearest(d.Project.Dir, what.name),
		folder:   volumeFor(d.Project.Dir, what),
		top:      what.name == "." || path.Dir(what.name) == path.Join(".", s.Dir),
	}
	p.user, _, _ = strings.Cut(d.User, ":")
	owner, known := project.OwnerOf(filepath.Join(d.Project.Dir, filepath.FromSlash(p.have)))
	if known && !d.Info.Desktop && !d.Info.Rootless && strconv.Itoa(owner) != p.user {
		p.owner = owner
	}
	return p
}

// explain decides what is said of it.
func (p deniedPlace) explain() denial {
	text := fmt.Sprintf("the app, which runs as user %s, may not write %s", p.user, showPlace(p.name))
	switch {
	case p.inVolume:
		return denial{
			text + ", which is in a volume of its own that holds files of somebody else",
			"end devbox and start it again, which gives them to the app",
		}
	case p.owner == 0:
		return denial{text + ": root owns " + showPlace(p.have), p.withoutRoot()}
	case p.owner > 0:
		return denial{
			text + fmt.Sprintf(": user %d owns %s", p.owner, showPlace(p.have)),
			"`" + project.Command{"sudo", "chown", "-R", p.user, argument(p.have)}.String() + "`",
		}
	}
	return denial{text, "look at the modes of " + showPlace(p.have) + ": `" + project.Command{"ls", "-ld", argument(p.have)}.String() + "`"}
}

// withoutRoot says how an app can write where root owns the project.
func (p deniedPlace) withoutRoot() string {
	const toUser = "have the project owned by a user: `sudo chown -R USER .`"
	switch {
	case p.folder != "":
		return fmt.Sprintf("`writes: [%s]` of %s in %s gives it a volume of its own; or %s", p.folder, p.service, project.ModelFile, toUser)
	case p.top:
		return toUser // what tools write at the top they write nowhere else
	}
	return toUser + "; or write to a folder that `writes` in " + project.ModelFile + " gives a volume"
}

func showPlace(name string) string {
	if name == "." {
		return "the project's folder"
	}
	return name
}

// argument is a path as no program takes it for an option.
func argument(name string) string {
	if strings.HasPrefix(name, "-") {
		return "./" + name
	}
	return name
}

// nearest is what is there of a path on the host: itself, or what it would be in.
func nearest(dir, name string) string {
	for name != "." {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return name
		}
		name = path.Dir(name)
	}
	return name
}

// volumeFor is the folder that a volume can be mounted on to have something
// written, without hiding anything: one that is not there yet, is empty, or holds
// what is made anew. It is empty where there is none.
func volumeFor(dir string, what denied) string {
	name := what.name
	if !what.folder {
		name = path.Dir(name)
	}
	folder := ""
	for part := range strings.SplitSeq(name, "/") {
		folder = path.Join(folder, part)
		list, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
		if folder != "." && (os.IsNotExist(err) || err == nil && (len(list) == 0 || project.IsOutput(folder))) {
			return folder
		}
	}
	return ""
}

// whyDenied is the denial that an app's container tells of in the end. Where a
// volume of the app's own holds files of somebody else, it sees to it that the next
// start gives all of them to the app.
func (e *Environment) whyDenied(d Desired, service string, last []string) (denial, bool) {
	what, ok := deniedIn(last)
	if !ok || d.Project == nil {
		return denial{}, false
	}
	p := lookAtDenied(d, service, what)
	if p.inVolume {
		e.noteGiven(map[string]given{})
	}
	return p.explain(), true
}

// explainEnd says of an app that ended by itself what kept it from working, where
// its output tells: also of one that ended with code 0, as Next does when it cannot
// write next-env.d.ts. It asks the engine, so that the loop does not wait for it.
func (r *run) explainEnd(ctx context.Context, a *app) {
	if !a.down() || r.opts.Detach {
		return // with Detach, the error says it
	}
	d, c := r.desired, a.container
	r.tasks.start(func() {
		if why, ok := r.env.whyDenied(d, c.Service, r.env.lastLines(ctx, c)); ok {
			r.env.Emit(Event{Kind: Warned, Service: c.Service, Text: why.text, Hint: why.hint})
		}
	})
}

// withDenial completes an error with what kept the app from working.
func (e *Environment) withDenial(d Desired, err *NotReadyError) *NotReadyError {
	if why, ok := e.whyDenied(d, err.Service, err.Last); ok {
		err.Text += "; " + why.text
		err.Remedy = why.hint
	}
	return err
}
