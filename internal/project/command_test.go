package project

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func sh(line string) Command { return Command{"/bin/sh", "-c", line} }

func TestParseCommand(t *testing.T) {
	cases := []struct {
		name, text string
		want       Command
	}{
		{"plain words are exec form", "node index.js", Command{"node", "index.js"}},
		{"blanks around and between words do not count", "  node \t index.js \n", Command{"node", "index.js"}},
		{"single quotes keep a word together", "node -e 'console.log(1 + $x)'", Command{"node", "-e", "console.log(1 + $x)"}},
		{"double quotes keep a word together", `node -e "console.log('a b')"`, Command{"node", "-e", "console.log('a b')"}},
		{"quotes in a word join its parts", `node --title="a b"c`, Command{"node", "--title=a bc"}},
		{"a backslash takes the next letter", `node a\ b.js`, Command{"node", "a b.js"}},
		{"an escaped quote in double quotes is a quote", `node -p "\"a\""`, Command{"node", "-p", `"a"`}},
		{"another backslash in double quotes stays", `node -p "a\d"`, Command{"node", "-p", `a\d`}},
		{"a line that goes on is one line", "node \\\n  index.js", Command{"node", "index.js"}},
		{"an empty argument is an argument", `node x ""`, Command{"node", "x", ""}},
		{"a lone dollar is a letter", `node x "5 $" $`, Command{"node", "x", "5 $", "$"}},
		{"a quoted glob is a word", `mocha 'test/**/*.js'`, Command{"mocha", "test/**/*.js"}},
		{"a quoted assignment is a word", `'A=b' node`, Command{"A=b", "node"}},
		{"letters of other scripts are letters", `node größe.js`, Command{"node", "größe.js"}},
		{"a glob needs a shell", "mocha test/*.js", sh("exec mocha test/*.js")},
		{"a variable needs a shell", "node index.js --port $PORT", sh("exec node index.js --port $PORT")},
		{"a variable with a default needs a shell", `node x "${PORT:-3000}"`, sh(`exec node x "${PORT:-3000}"`)},
		{"an assignment stands before exec", "PORT=8080 node x", sh("PORT=8080 exec node x")},
		{"a quoted value of an assignment stays quoted", `A="b c" D=e node x`, sh(`A="b c" D=e exec node x`)},
		{"the last of a sequence gets exec", "npm run build && node dist/x.js", sh("npm run build && exec node dist/x.js")},
		{"a changed folder is kept", "cd server && PORT=1 node x", sh("cd server && PORT=1 exec node x")},
		{"commands on lines are a sequence", "npm run a\nnode x", sh("npm run a\nexec node x")},
		{"a redirection goes with exec", "node x 2>&1 >log", sh("exec node x 2>&1 >log")},
		{"a redirection may come first", ">log node x", sh(">log exec node x")},
		{"a home folder needs a shell", "~/bin/x y", sh("~/bin/x y")},
		{"a program in a variable is left alone", "$NODE x", sh("$NODE x")},
		{"a pipe is left alone", "node x | pino-pretty", sh("node x | pino-pretty")},
		{"an alternative is left alone", "node x || true", sh("node x || true")},
		{"a background job is left alone", "node x & node y", sh("node x & node y")},
		{"a group is left alone", "(cd a; node x)", sh("(cd a; node x)")},
		{"a substitution is left alone", "node $(cat file) && node x", sh("node $(cat file) && node x")},
		{"backquotes are left alone", "node `cat file`", sh("node `cat file`")},
		{"a comment is left alone", "node x # y", sh("node x # y")},
		{"a here-document is left alone", "node <<E\nx\nE", sh("node <<E\nx\nE")},
		{"a condition is left alone", "if true; then node x; fi", sh("if true; then node x; fi")},
		{"a trap is left alone", "trap 'kill 0' TERM; node x", sh("trap 'kill 0' TERM; node x")},
		{"an exec of its own is enough", "exec node x", sh("exec node x")},
		{"a builtin is left to a shell", "cd x", sh("cd x")},
		{"an assignment alone is left alone", "A=b", sh("A=b")},
		{"a trailing semicolon is left alone", "node x;", sh("node x;")},
		{"a negation is left alone", "! node x", sh("! node x")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseCommand(c.text)
			if err != nil || !slices.Equal(got, c.want) {
				t.Fatalf("ParseCommand(%q) = %q, %v; want %q", c.text, got, err, c.want)
			}
			again, err := ParseCommand(got.String())
			if err != nil || !slices.Equal(again, got) {
				t.Errorf("String() = %q, which is %q, %v", got.String(), again, err)
			}
		})
	}
}

func TestParseCommandRefuses(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"nothing", " \n", "the command is empty"},
		{"an empty program", `"" x`, "the command's first word is empty"},
		{"an open single quote", "node 'x", `command "node 'x": the quote in column 6 is not closed`},
		{"an open double quote", `nöde "x`, `command "nöde \"x": the quote in column 6 is not closed`},
		{"NUL", "node \x00", `command "node \x00" holds the control character U+0000`},
		{"an escape sequence", "node \x1b[2J", `command "node \x1b[2J" holds the control character U+001B`},
		{"what is not UTF-8", "node \xff", `command "node \xff" is not UTF-8`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseCommand(c.text)
			if err == nil || err.Error() != c.want {
				t.Errorf("ParseCommand(%q) = %q, %v; want error %q", c.text, got, err, c.want)
			}
		})
	}
}

func TestCommandStringShowsWhatPeopleWrite(t *testing.T) {
	cases := []struct {
		command Command
		want    string
	}{
		{Command{"node", "index.js"}, "node index.js"},
		{Command{"node", "-e", "it's"}, `node -e 'it'\''s'`},
		{sh("PORT=1 exec node x"), "PORT=1 node x"},
		{sh("exec node *.js"), "node *.js"},
		{sh("exec node x"), "exec node x"},
		{nil, ""},
	}
	for _, c := range cases {
		if got := c.command.String(); got != c.want {
			t.Errorf("%q.String() = %q, want %q", []string(c.command), got, c.want)
		}
	}
}

// FuzzParseCommand holds exec form against the machine's own shell: where
// ParseCommand says that words need no shell, a shell must see these words.
func FuzzParseCommand(f *testing.F) {
	for _, s := range []string{"node x", `a 'b c' "d\"e" f\ g`, "a$b", "a\\\nb", `a "\x" $ "$"`, "a~ b~c ~", "a=b c", "x # y", "a{b,c}", "x [a] ?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		command, err := ParseCommand(text)
		if err != nil {
			return
		}
		again, err := ParseCommand(command.String())
		if err != nil || !slices.Equal(again, command) {
			if _, isText := command.text(); isText {
				t.Fatalf("%q: %q became %q, %v", text, command, again, err)
			}
		}
		if command.IsShell() {
			return
		}
		seen := shellWords(t, text)
		if !slices.Equal(seen, command) {
			t.Fatalf("%q: a shell sees %q, ParseCommand %q", text, seen, command)
		}
	})
}

// shellWords lets /bin/sh split a text into words.
func shellWords(t *testing.T, text string) Command {
	t.Helper()
	script := `printf '%s\0' ` + strings.Trim(text, " \t\r\n")
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script).Output()
	if err != nil {
		t.Fatalf("sh: %q: %v", script, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
