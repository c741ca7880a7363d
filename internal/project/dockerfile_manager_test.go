package project

import (
	"strings"
	"testing"
)

func TestHashOfThePackageManagerIsThatOfItsVersion(t *testing.T) {
	digits := strings.Repeat("0a", 28)
	for pinned, want := range map[string]string{
		"pnpm@9.15.4+sha224." + digits: digits,
		"pnpm@9.15.5+sha224." + digits: "",
		"npm@9.15.4+sha224." + digits:  "",
		"pnpm@9.15.4+md5." + digits:    "",
		"pnpm@9.15.4+sha224.$(id)":     "",
		"pnpm@9.15.4":                  "",
		"":                             "",
	} {
		if _, got := (PackageManager{Name: "pnpm", Version: "9.15.4"}).hashIn(pinned); got != want {
			t.Errorf("%q: %q, want %q", pinned, got, want)
		}
	}
	if _, got := (PackageManager{Name: "bun", Version: "1.4.5"}).hashIn("bun@1.4.5+sha224." + digits); got != "" {
		t.Errorf("bun: %q", got)
	}
}
