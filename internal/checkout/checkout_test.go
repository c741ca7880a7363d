package checkout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pick goes through the candidates as a session does. legacy are the folders that
// a name belongs to without a claim.
func pick(s Situation, legacy map[string][]string) (name string, v Verdict) {
	for _, c := range s.Candidates() {
		owners := legacy[c.Name]
		if claim, ok := s.Claim(c.Name); ok {
			owners = []string{claim.Dir}
		}
		if v = s.Judge(c, owners); !v.Refused {
			return c.Name, v
		}
	}
	return "", v
}

func TestWhichNameACheckoutGets(t *testing.T) {
	there := []string{"/src/chat", "/src/other", "/src/copy", "/wt/feature", "/a/shop/web", "/b/shop/web"}
	claim := func(name, dir string) Checkout { return Checkout{Project: "chat", Name: name, Dir: dir} }
	tests := []struct {
		name   string
		s      Situation
		legacy map[string][]string
		want   string
		former string
	}{
		{"the first folder has the plain name", Situation{Dir: "/src/chat"}, nil, "chat", ""},
		{"a linked worktree never", Situation{Dir: "/wt/feature", Worktree: "/wt/feature"}, nil, "chat-feature", ""},
		{"nor one whose project is further down", Situation{Dir: "/wt/feature/apps/web", Worktree: "/wt/feature"}, nil, "chat-feature", ""},
		{"a second folder", Situation{Dir: "/src/other", Claims: []Checkout{claim("chat", "/src/chat")}}, nil, "chat-other", ""},
		{"a folder that is named like the project and more", Situation{Dir: "/src/chat-fix", Claims: []Checkout{claim("chat", "/src/chat")}}, nil, "chat-fix", ""},
		{"a folder that is named like the project", Situation{Dir: "/src/review/chat", Claims: []Checkout{claim("chat", "/src/chat")}}, nil, "chat-review", ""},
		{
			"a third folder with the name of the second",
			Situation{Dir: "/b/other", Claims: []Checkout{claim("chat", "/src/chat"), claim("chat-other", "/src/other")}},
			nil, withDigest("chat-other", "/b/other"), "",
		},
		{"a folder whose name production has", Situation{Dir: "/wt/prod", Worktree: "/wt/prod"}, nil, withDigest("chat-prod", "/wt/prod"), ""},
		{"what the engine knows of the folder", Situation{Dir: "/src/other", Claims: []Checkout{claim("chat-other", "/src/other")}}, nil, "chat-other", ""},
		{
			"what the folder keeps, when the engine has forgotten",
			Situation{Dir: "/src/other", Kept: claim("chat-mine", "/src/other")},
			nil, "chat-mine", "",
		},
		{
			"a copy does not take over what the original keeps",
			Situation{Dir: "/src/copy", Kept: claim("chat", "/src/chat"), Claims: []Checkout{claim("chat", "/src/chat")}},
			nil, "chat-copy", "",
		},
		{
			"a copy of one with a name of its own",
			Situation{Dir: "/src/copy", Kept: claim("chat-other", "/src/other"), Claims: []Checkout{claim("chat", "/src/chat"), claim("chat-other", "/src/other")}},
			nil, "chat-copy", "",
		},
		{
			"a moved folder takes its name along",
			Situation{Dir: "/new/place", Kept: claim("chat-x", "/gone"), Claims: []Checkout{claim("chat", "/src/chat"), claim("chat-x", "/gone")}},
			nil, "chat-x", "",
		},
		{
			"but not when somebody else has it by now",
			Situation{Dir: "/new/place", Kept: claim("chat-x", "/gone"), Claims: []Checkout{claim("chat", "/src/chat"), claim("chat-x", "/src/other")}},
			nil, "chat-place", "",
		},
		{"the name of a folder that is gone", Situation{Dir: "/src/other", Claims: []Checkout{claim("chat", "/gone")}}, nil, "chat", "/gone"},
		{"the name of a folder on a disk that is not mounted", Situation{Dir: "/src/other", Claims: []Checkout{claim("chat", "/unmounted/chat")}}, nil, "chat-other", ""},
		{
			"a folder that was moved together with those above it",
			Situation{Dir: "/src/x", Kept: claim("chat", "/unmounted/chat"), Claims: []Checkout{claim("chat", "/unmounted/chat")}},
			nil, "chat", "",
		},
		{"containers from before there were claims, of this folder", Situation{Dir: "/src/chat"}, map[string][]string{"chat": {"/src/chat"}}, "chat", ""},
		{"… of this folder, which is a linked worktree", Situation{Dir: "/wt/feature", Worktree: "/wt/feature"}, map[string][]string{"chat": {"/wt/feature"}}, "chat", ""},
		{"… of another folder", Situation{Dir: "/src/other"}, map[string][]string{"chat": {"/src/chat"}}, "chat-other", ""},
		{"a name that is asked for", Situation{Dir: "/src/other", Chosen: "mine", Claims: []Checkout{claim("chat-other", "/src/other")}}, nil, "mine", ""},
		{"a name that is asked for and taken", Situation{Dir: "/src/other", Chosen: "chat", Claims: []Checkout{claim("chat", "/src/chat")}}, nil, "", ""},
		{
			"a project that was renamed",
			Situation{Dir: "/src/chat", Kept: Checkout{Project: "talk", Name: "talk", Dir: "/src/chat"}, Claims: []Checkout{{Project: "talk", Name: "talk", Dir: "/src/chat"}}},
			nil, "chat", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.Project = "chat"
			tt.s.There = func(dir string) bool { return slices.Contains(there, dir) }
			tt.s.Gone = func(dir string) bool { return !tt.s.There(dir) && !strings.HasPrefix(dir, "/unmounted/") }
			got, v := pick(tt.s, tt.legacy)
			if got != tt.want || v.Former != tt.former {
				t.Errorf("it gets %q (%+v), want %q, formerly of %q", got, v, tt.want, tt.former)
			}
		})
	}
}

func TestNamesAreShortAndValid(t *testing.T) {
	long := strings.Repeat("long-", 20)
	for _, dir := range []string{"/x/" + long, "/", "/chat", "/chat/chat", "/x/ümläut", "/x/日本", "/x/A B__c", "/wt/" + strings.Repeat("x", 62) + "-y"} {
		for _, name := range []string{Name("chat", dir), withDigest(Name("chat", dir), dir)} {
			if !validName.MatchString(name) || len(name) > longest || !strings.HasPrefix(name, "chat-") {
				t.Errorf("%s is called %q", dir, name)
			}
		}
	}
}

func TestChosenNames(t *testing.T) {
	for name, want := range map[string]bool{"chat": true, "a_b-2": true, "": false, "Chat": false, "a b": false, "-a": false, "chat-prod": false, strings.Repeat("a", 64): false} {
		if ValidName(name) != want {
			t.Errorf("ValidName(%q) is %v", name, !want)
		}
	}
}

func TestPortsAreStableAndNeverTaken(t *testing.T) {
	none := func(int) bool { return false }
	first := Port("chat-feature", "DEVBOX_WEB_PORT", none)
	if again := Port("chat-feature", "DEVBOX_WEB_PORT", none); again != first {
		t.Errorf("port %d, then %d", first, again)
	}
	if other := Port("chat-other", "DEVBOX_WEB_PORT", none); other == first {
		t.Errorf("two checkouts have port %d", first)
	}
	if next := Port("chat-feature", "DEVBOX_WEB_PORT", func(p int) bool { return p == first }); next == first || next != NextPort(first, none) {
		t.Errorf("with %d taken it is %d, and the next is %d", first, next, NextPort(first, none))
	}
	last := firstPort + portCount - 1
	if next := NextPort(last, none); next != firstPort {
		t.Errorf("after %d comes %d", last, next)
	}
	if next := NextPort(65000, none); next < firstPort || next > last {
		t.Errorf("after 65000 comes %d", next)
	}
	if port := Port("chat", "X", func(int) bool { return true }); port != 0 {
		t.Errorf("port %d is taken", port)
	}
}

func TestPortsAsText(t *testing.T) {
	ports := map[string]int{"DEVBOX_WEB_PORT": 20001, "DEVBOX_API_PORT": 30000}
	text := FormatPorts(ports)
	if text != "DEVBOX_API_PORT=30000,DEVBOX_WEB_PORT=20001" {
		t.Errorf("%q", text)
	}
	c := Checkout{Ports: ParsePorts(text + ",junk,X=0,Y=70000,Z=a,=5")}
	if !c.Equal(Checkout{Ports: ports}) {
		t.Errorf("read back: %v", c.Ports)
	}
	if ParsePorts("") != nil {
		t.Error("no text gives ports")
	}
}

func TestALinkedWorktreeIsRecognised(t *testing.T) {
	top := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		name = filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("main/.git/HEAD", "ref: refs/heads/main\n")
	write("main/.git/worktrees/feature/commondir", "../..\n")
	write("feature/.git", "gitdir: "+top+"/main/.git/worktrees/feature\n")
	write("feature/apps/web/devbox.yaml", "")
	write("relative/.git", "gitdir: ../main/.git/worktrees/feature\n")
	write("main/.git/modules/lib/HEAD", "")
	write("main/lib/.git", "gitdir: ../.git/modules/lib\n")
	write("bare.git/worktrees/one/commondir", "../..\n")
	write("one/.git", "gitdir: "+top+"/bare.git/worktrees/one\n")
	write("odd/.git", "nonsense")
	tests := []struct{ dir, want string }{
		{"main", ""},
		{"feature", "feature"},
		{"feature/apps/web", "feature"},
		{"relative", "relative"},
		{"main/lib", ""}, // a submodule
		{"one", ""},      // of a bare repository, which has no main worktree
		{"odd", ""},
	}
	for _, tt := range tests {
		want := tt.want
		if want != "" {
			want = filepath.Join(top, want)
		}
		if got := LinkedWorktree(filepath.Join(top, tt.dir)); got != want {
			t.Errorf("LinkedWorktree(%s) = %q, want %q", tt.dir, got, want)
		}
	}
}

func TestWhatAFolderKeepsCanBeReadAgain(t *testing.T) {
	dir := t.TempDir()
	if c := Kept(dir); !c.Equal(Checkout{}) {
		t.Errorf("an empty folder keeps %+v", c)
	}
	c := Checkout{Project: "chat", Name: "chat-x", Dir: dir, Ports: map[string]int{"DEVBOX_WEB_PORT": 20000}}
	if err := c.Keep(); err != nil {
		t.Fatal(err)
	}
	if got := Kept(dir); !got.Equal(c) {
		t.Errorf("kept %+v, want %+v", got, c)
	}
	if err := os.WriteFile(filepath.Join(dir, ".devbox", file), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := Kept(dir); !c.Equal(Checkout{}) {
		t.Errorf("a broken file says %+v", c)
	}
}
