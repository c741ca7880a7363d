#!/usr/bin/env bash
# Runs govulncheck: a known vulnerability that devbox calls is a failure. It asks
# a database on the network; where that cannot be reached, this says so and is
# content.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

unreachable='dial tcp|no such host|i/o timeout|connection refused|network is unreachable|TLS handshake|context deadline exceeded'
output=$(go tool -modfile=tools/go.mod govulncheck ./... 2>&1)
status=$?
if [ "$status" = 1 ] && grep -qE "fetching vulnerabilities.*($unreachable)" <<<"$output"; then
	echo "govulncheck: skipped, its database cannot be reached"
	exit 0
fi
[ "$status" = 0 ] || echo "$output" >&2
exit "$status"
