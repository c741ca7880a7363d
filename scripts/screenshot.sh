#!/bin/sh
# Draws the dashboard of the chat example, as a terminal shows it, into
# docs/dashboard.svg. It needs bin/devbox and a Docker engine (make screenshot).
set -eu
cd "$(dirname "$0")/.."
DEVBOX_BIN=$PWD/bin/devbox DEVBOX_SCREENSHOT=$PWD/docs/dashboard.svg \
	go test -tags e2e -count 1 -run '^TestScreenshot$' ./e2e
echo "docs/dashboard.svg is new"
