# shellcheck shell=bash
# What the set-up scripts share: words on stderr, and the engine's API by curl,
# so that no docker command is needed. Written for bash 3.2 too, macOS has that.

log() { echo "${0##*/}: $*" >&2; }
die() {
	log "$@"
	exit 1
}

root_on_debian() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# apt_install COMMAND PACKAGE… installs the packages unless the command is there.
apt_install() {
	local output
	command -v "$1" >/dev/null && return
	shift
	log "installing Debian's $*"
	apt-get update -qq || log "apt-get update failed; going on with what is known"
	output=$(DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o DPkg::Lock::Timeout=120 "$@" 2>&1) || {
		tail -5 <<<"$output" >&2
		die "apt-get install $* failed"
	}
}

need_curl() {
	command -v curl >/dev/null && return
	root_on_debian || die "curl is not installed; please install it"
	apt_install curl curl ca-certificates
}

# json_field NAME prints the first string field of that name in stdin.
json_field() {
	local text pattern="\"$1\": *\"(([^\"\\]|\\\\.)*)\""
	text=$(cat)
	[[ $text =~ $pattern ]] && printf '%s\n' "${BASH_REMATCH[1]//\\\"/\"}"
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }

default_endpoint=unix:///var/run/docker.sock

# find_engine sets endpoint, where the engine listens as DOCKER_HOST spells it
# (DOCKER_HOST itself, else the current context's, else the default socket),
# and how curl gets there: engine_url and engine_options.
find_engine() {
	local config=${DOCKER_CONFIG:-$HOME/.docker} context=default certs=
	endpoint=${DOCKER_HOST:-}
	[ -z "${DOCKER_TLS_VERIFY:-}" ] || certs=${DOCKER_CERT_PATH:-$config}
	if [ -z "$endpoint" ]; then
		context=${DOCKER_CONTEXT:-$(json_field currentContext 2>/dev/null <"$config/config.json" || echo default)}
		endpoint=$default_endpoint
	fi
	if [ "$context" != default ]; then
		local id
		id=$(printf %s "$context" | sha256)
		endpoint=$(json_field Host 2>/dev/null <"$config/contexts/meta/$id/meta.json") ||
			die "the Docker context \"$context\" is not to be found in $config"
		[ ! -d "$config/contexts/tls/$id/docker" ] || certs=$config/contexts/tls/$id/docker
	fi

	engine_options=(-q -sS --noproxy '*')
	case $endpoint in
	unix://*) engine_url=http://localhost engine_options+=(--unix-socket "${endpoint#unix://}") ;;
	tcp://* | http://*) engine_url=http${certs:+s}://${endpoint#*://} ;;
	https://*) engine_url=$endpoint ;;
	*) die "the engine at $endpoint: only unix:// and tcp:// are known here; forward its socket and set DOCKER_HOST" ;;
	esac
	[ -z "$certs" ] || engine_options+=(--cacert "$certs/ca.pem" --cert "$certs/cert.pem" --key "$certs/key.pem")
}

# api METHOD PATH [CURL OPTION…] calls the engine, after find_engine.
api() {
	local method=$1 path=$2
	shift 2
	curl "${engine_options[@]}" -X "$method" "$@" "$engine_url$path"
}

# engine_version prints the engine's version when it answers within 5 s.
engine_version() { api GET /version -f --max-time 5 2>/dev/null | json_field Version; }
