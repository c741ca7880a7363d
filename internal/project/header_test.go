package project

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheHeaderTellsWhoWroteAFile(t *testing.T) {
	sealed := string(seal([]byte("FROM scratch\nCMD [\"x\"]\n")))
	for _, test := range []struct {
		name, data string
		want       authorship
	}{
		{"as rendered", sealed, ours},
		{"line ends changed by git", strings.ReplaceAll(sealed, "\n", "\r\n"), ours},
		{"a line added", sealed + "USER root\n", edited},
		{"a line taken out", strings.Replace(sealed, "CMD [\"x\"]\n", "", 1), edited},
		{"the last line end taken off", strings.TrimSuffix(sealed, "\n"), edited},
		{"only the header left", sealed[:strings.Index(sealed, "\n")+1], edited},
		{"the header not in the first line", "\n" + sealed, foreign},
		{"the digest cut short", strings.Replace(sealed, "sha256:", "sha256:0", 1), foreign},
		{"no header", "FROM scratch\n", foreign},
		{"empty", "", foreign},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := author([]byte(test.data)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestTheBodyIsAFileWithoutItsHeader(t *testing.T) {
	if got := body(seal([]byte("x\n"))); !bytes.Equal(got, []byte("\nx\n")) {
		t.Errorf("got %q", got)
	}
	if got := body([]byte("own\nx\n")); !bytes.Equal(got, []byte("own\nx\n")) {
		t.Errorf("got %q of a file without a header", got)
	}
}
