#!/usr/bin/env bash
# Runs shellcheck over the repository's shell scripts, where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null; then
	echo "shellcheck: skipped, it is not installed"
	exit 0
fi
shellcheck scripts/*.sh scripts/backing/*/*.sh .ci/run templates/*.sh
