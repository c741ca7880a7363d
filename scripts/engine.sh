#!/usr/bin/env bash
# Makes sure that a Docker engine answers.
#
#   engine.sh        the engine of DOCKER_HOST, of the current docker context or
#                    at the default socket, if it answers; else, as root on
#                    Debian or Ubuntu, the distribution's docker.io is installed
#                    and started; else a message says what to do
#   engine.sh stop   stop the engine that this script started, if it did
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

socket=${default_endpoint#unix://}
pid_file=/run/docker.pid
started=/run/devbox-engine.pid # the pid of the dockerd that this script started
daemon_log=/var/log/dockerd.log
patience=30 # seconds; a first start takes 2-5

# is COMMAND PID tells whether that process runs that command: after a reboot a
# pid file may name somebody else.
is() { [ -n "$2" ] && [ "$(cat "/proc/$2/comm" 2>/dev/null)" = "$1" ]; }
is_not() { ! is "$@"; }
pid_in() { cat "$1" 2>/dev/null || true; }

# wait_for COMMAND… repeats the command until it succeeds.
wait_for() {
	local end=$((SECONDS + patience))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

answers() { engine_version >/dev/null; }

# One that does not answer may be about to, or about to end.
answers_or_ended() { answers || is_not dockerd "$1"; }

# explain says what the user can do where this script can do nothing.
explain() {
	if [ "$endpoint" != "$default_endpoint" ]; then
		die "no Docker engine answers at $endpoint, which DOCKER_HOST or the current docker context names; start it, or name another"
	fi
	if [ -S "$socket" ] && [ ! -w "$socket" ]; then
		die "no permission to use $socket; join its group (sudo usermod -aG $(stat -c %G "$socket" 2>/dev/null || echo docker) $(id -un)) and log in again"
	fi
	root_on_debian ||
		die "no Docker engine answers at $endpoint; start it, or install one (https://docs.docker.com/engine/install/), or run this as root on Debian or Ubuntu to have it installed"
}

# An engine that was killed leaves its socket and pid files behind. Its
# containerd may live on; the new dockerd takes that over, unless the pid in
# containerd's file belongs to something else by now.
clear_leftovers() {
	local containerd=/run/docker/containerd/containerd.pid
	rm -f "$pid_file" "$socket"
	is containerd "$(pid_in "$containerd")" || rm -f "$containerd"
}

start() {
	local pid
	if [ -d /run/systemd/system ]; then
		log "starting docker.service"
		systemctl start docker
		return
	fi
	pid=$(pid_in "$pid_file")
	if is dockerd "$pid"; then
		log "dockerd (pid $pid) runs but does not answer yet"
		wait_for answers_or_ended "$pid" || return 0
		! answers || return 0
	fi
	clear_leftovers
	log "starting dockerd; its log is $daemon_log"
	setsid dockerd -H "$default_endpoint" -p "$pid_file" </dev/null >>"$daemon_log" 2>&1 9>&- &
	echo $! >"$started"
}

stop() {
	local pid
	pid=$(pid_in "$started")
	rm -f "$started"
	is dockerd "$pid" || return 0
	log "stopping dockerd (pid $pid)"
	kill "$pid"
	wait_for is_not dockerd "$pid" || kill -9 "$pid"
}

case ${1:-} in
"") ;;
stop)
	stop
	exit
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac

need_curl
find_engine
if version=$(engine_version); then
	log "Docker $version answers at $endpoint"
	exit
fi
explain

exec 9>/run/devbox-engine.lock
flock 9 # two of us at a time would start two engines
if ! answers; then
	apt_install dockerd docker.io iptables ca-certificates
	answers || start # the package may have started it
	wait_for answers || {
		tail -15 "$daemon_log" >&2 || true
		die "dockerd did not answer within $patience s"
	}
fi
log "Docker $(engine_version) answers at $endpoint"
