package project

import (
	"slices"
	"strings"
)

// buildOnly are Debian packages that installs and builds need, and no app that runs.
var buildOnly = wordSet(`python3 python3-dev python3-setuptools make g++ gcc build-essential autoconf automake libtool cmake pkg-config nasm git`)

// inImage are packages that a Node image of Debian's has, or that devbox does
// without: a small init, for which Compose has a word, and what health checks
// ask with, which are Node's own.
var inImage = wordSet(`tini dumb-init ca-certificates bash gnupg apt-transport-https nodejs npm yarn node coreutils findutils shadow libc6-compat gcompat
	libstdc++ su-exec gosu sudo apt-utils lsb-release musl-dev linux-headers libgcc apk-tools busybox`)

// debianNames are Debian's names for packages of Alpine's that have another one
// there; bookworm's.
var debianNames = map[string]string{
	"build-base": "build-essential", "python": "python3", "python2": "python3", "py3-pip": "python3-pip", "py3-setuptools": "python3-setuptools",
	"pkgconfig": "pkg-config", "pkgconf": "pkg-config", "vips": "libvips42", "vips-dev": "libvips-dev",
	"cairo": "libcairo2", "cairo-dev": "libcairo2-dev", "pango": "libpango-1.0-0", "pango-dev": "libpango1.0-dev",
	"jpeg-dev": "libjpeg-dev", "libjpeg-turbo-dev": "libjpeg-dev", "libjpeg-turbo": "libjpeg62-turbo", "giflib": "libgif7", "giflib-dev": "libgif-dev",
	"pixman": "libpixman-1-0", "pixman-dev": "libpixman-1-dev", "librsvg": "librsvg2-2", "librsvg-dev": "librsvg2-dev", "freetype": "libfreetype6",
	"freetype-dev": "libfreetype-dev", "harfbuzz": "libharfbuzz0b", "fontconfig": "fontconfig", "ttf-freefont": "fonts-freefont-ttf", "font-noto": "fonts-noto",
	"openssl-dev": "libssl-dev", "libressl": "openssl", "zlib-dev": "zlib1g-dev", "libpng-dev": "libpng-dev", "libxml2-dev": "libxml2-dev",
	"postgresql-client": "postgresql-client", "postgresql-dev": "libpq-dev", "libpq": "libpq5", "mysql-client": "default-mysql-client",
	"mariadb-client": "mariadb-client", "sqlite": "sqlite3", "sqlite-dev": "libsqlite3-dev", "krb5-dev": "libkrb5-dev", "eudev-dev": "libudev-dev",
	"libusb-dev": "libusb-1.0-0-dev", "openssh": "openssh-client", "openssh-client": "openssh-client", "nss": "libnss3", "imagemagick": "imagemagick",
	"graphicsmagick": "graphicsmagick", "poppler-utils": "poppler-utils", "util-linux": "util-linux", "tzdata": "tzdata", "procps": "procps",
}

// sameNames are packages with one name in both distributions.
var sameNames = wordSet(`python3 make g++ gcc git openssl curl wget jq ffmpeg chromium ghostscript zip unzip rsync nano vim less cmake autoconf automake
	libtool nasm fontconfig openssh-client redis imagemagick graphicsmagick poppler-utils sqlite3 tzdata procps postgresql-client mariadb-client patch file`)

// debianName is a package's name in Debian. It is false for one of Alpine's
// whose name there is not known.
func debianName(name string) (string, bool) {
	alpine, isAlpine := strings.CutPrefix(name, "apk:")
	switch {
	case !isAlpine:
		if name == "python" || name == "python2" {
			return "python3", true
		}
		return name, debianPackage.MatchString(name)
	case debianNames[alpine] != "":
		return debianNames[alpine], true
	case sameNames[alpine]:
		return alpine, true
	}
	return alpine, false
}

// addPackages puts the packages that a Dockerfile installs into the model.
func addPackages(s *Service, list []lined[string], d *UserDockerfile) []Finding {
	var findings []Finding
	for _, p := range list {
		if inImage[strings.TrimPrefix(p.Value, "apk:")] {
			continue
		}
		name, known := debianName(p.Value)
		into, key := &s.SystemPackages, "system-packages"
		if buildOnly[name] || strings.HasSuffix(name, "-dev") {
			into, key = &s.BuildPackages, "build-packages"
		}
		switch {
		case !known:
			findings = append(findings, Finding{What: key, Source: "Alpine's package " + name + " (" + d.at(p.Line) + ") is left out: its name in Debian is not known", Warning: true})
		case !slices.Contains(*into, name):
			*into = append(*into, name)
			findings = append(findings, Finding{What: key, Value: name, Source: d.at(p.Line)})
		}
	}
	return findings
}
