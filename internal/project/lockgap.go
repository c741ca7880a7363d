package project

import (
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/lockfile"
)

// LockGap finds a package that npm's lock has nothing of although one in it asks for
// it, as far as containers on a platform such as linux/amd64 need it. With names it is
// one of these packages, or what one of these asks for.
func (k *Package) LockGap(platform string, names ...string) (lockfile.Gap, bool) {
	l, err := k.ParseLock()
	if err != nil || l == nil {
		return lockfile.Gap{}, false
	}
	gaps := l.Gaps()
	i := slices.IndexFunc(gaps, func(g lockfile.Gap) bool {
		named := slices.Contains(names, g.Package) || slices.Contains(names, g.Wanted)
		return isFor(g.Wanted, nodeCPU(platform)) && (named || len(names) == 0)
	})
	if i < 0 {
		return lockfile.Gap{}, false
	}
	return gaps[i], true
}

// isFor tells whether a package may be for Linux with glibc on a processor, going by
// its name: @esbuild/darwin-arm64 is not.
func isFor(name, cpu string) bool {
	const elsewhere = "darwin macos win32 windows android freebsd netbsd openbsd sunos aix openharmony wasm32 wasi musl linuxmusl msvc gnueabihf"
	const processors = "x64 arm64 arm ia32 ppc64 ppc64le s390x riscv64 loong64 mips64el"
	return !slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("@/-_.", r) }), func(word string) bool {
		return listed(elsewhere, word) || listed(processors, word) && word != cpu
	})
}
