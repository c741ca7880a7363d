#!/usr/bin/env bash
# Says what to install when Go is missing or too old. Distributions' packages
# often are; a Go from 1.21 on fetches the version that go.mod asks for.
set -euo pipefail
cd "$(dirname "$0")/.."

want=$(awk '$1 == "go" { print $2 }' go.mod)
have=$(go env GOVERSION 2>/dev/null) || have=
have=${have#go}
oldest=$(printf '%s\n' "$want" "${have%% *}" | sort -V | head -1)
[ "$oldest" != "$want" ] || exit 0
echo "devbox is built with Go $want or newer, here is ${have:-none}: install it from https://go.dev/dl/" >&2
exit 1
