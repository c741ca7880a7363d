package docker

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestAnArchiveIsReadBelowItsFirstFolder(t *testing.T) {
	for _, top := range []string{"./", "volume/", "node_modules/"} {
		t.Run(top, func(t *testing.T) {
			var archive bytes.Buffer
			w := tar.NewWriter(&archive)
			for _, h := range []tar.Header{
				{Name: top, Typeflag: tar.TypeDir, Mode: 0o755},
				{Name: top + "a/", Typeflag: tar.TypeDir, Mode: 0o755},
				{Name: top + "a/x", Typeflag: tar.TypeReg, Mode: 0o755, Size: 2},
				{Name: top + "b", Typeflag: tar.TypeSymlink, Linkname: "../a/x", Mode: 0o777},
				{Name: top + "c", Typeflag: tar.TypeLink, Linkname: top + "a/x", Mode: 0o755},
			} {
				if err := w.WriteHeader(&h); err != nil {
					t.Fatal(err)
				}
				if h.Size > 0 {
					io.WriteString(w, "hi")
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var got []string
			err := readTar(tar.NewReader(&archive), func(e engine.TreeEntry, r io.Reader) error {
				data, err := io.ReadAll(r)
				got = append(got, fmt.Sprintf("%s %s %q %q %q", e.Path, e.Mode, e.Link, e.Same, data))
				return err
			})
			want := []string{
				`a drwxr-xr-x "" "" ""`, `a/x -rwxr-xr-x "" "" "hi"`, `b Lrwxrwxrwx "../a/x" "" ""`, `c -rwxr-xr-x "" "a/x" ""`,
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("entries %q, %v\nwant %q", got, err, want)
			}
		})
	}
}
