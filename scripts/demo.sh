#!/usr/bin/env bash
# Shows devbox from nothing: makes the chat app in an empty folder, starts it,
# edits it while it runs, and shows the new answer.
#
#   demo.sh [FOLDER]   default: demo-chat
#
# At a terminal the app is left running; elsewhere everything that this made is
# taken down again.
set -euo pipefail
cd "$(dirname "$0")/.."

devbox=$PWD/bin/devbox
folder=${1:-demo-chat}
patience=15 # seconds for an edit to be answered; it takes well under one

# say starts a step; show runs the command that it is about, as one would type it.
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
show() {
	echo "\$ devbox $*"
	"$devbox" "$@"
}

# now prints the time in milliseconds.
now() {
	if [ -n "${EPOCHREALTIME:-}" ]; then
		local t=${EPOCHREALTIME//[.,]/}
		echo "${t%???}"
	else
		perl -MTime::HiRes=time -e 'printf "%d\n", time * 1000'
	fi
}

seconds_since() {
	local ms=$(($(now) - $1))
	printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

answer() { curl -q -fsS --noproxy '*' --max-time 5 "$url$1"; }

# greet makes the app answer at /hello with the given words: it puts a line
# below the one that makes the app, in place of one from an earlier demo. The
# file is replaced in one move, as editors do it.
greet() {
	awk -v words="$1" '
		/\/\/ the demo$/ { next }
		{ print }
		/app = express\(\)/ {
			print "  app.get(\"/hello\", (request, response) => response.send(\"" words "\")); // the demo"
			done = 1
		}
		END { exit !done }' app.js >.app.js.new || {
		rm -f .app.js.new
		echo "demo: no place for the edit in $PWD/app.js" >&2
		exit 1
	}
	mv .app.js.new app.js
}

# edit makes the running app answer with other words and waits for them.
edit() {
	local words=$1 begin end
	greet "$words"
	begin=$(now)
	end=$((SECONDS + patience))
	until [ "$(answer /hello 2>/dev/null)" = "$words" ]; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "demo: the edit was not answered within $patience s" >&2
			show logs --tail 20 || true
			exit 1
		fi
		sleep 0.01
	done
	echo "  app.js saved; $url/hello answers \"$words\" after $(($(now) - begin)) ms"
}

made='' # the folder, if it was not there before
running=''
at_terminal() { [ -t 0 ] && [ -t 1 ]; }
finish() {
	local status=$?
	if at_terminal; then
		[ "$status" = 0 ] || [ -z "$running" ] || echo "demo: left as it is in $PWD; \"$devbox down\" there stops it" >&2
		exit "$status"
	fi
	if [ -n "$running" ]; then
		say "Take it down again"
		show down ${made:+--volumes}
	fi
	[ -z "$made" ] || rm -rf "$made"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

begin=$(now)
scripts/engine.sh
scripts/images.sh

if [ -f "$folder/devbox.yaml" ]; then
	say "The chat app from an earlier demo is in $folder"
else
	say "A new chat app, in $folder"
	[ -e "$folder" ] || made=$folder
	show init "$folder" --template chat --yes
fi
cd "$folder"
[ -z "$made" ] || made=$PWD

say "Start it, in containers"
running=1
show up --detach
url=$("$devbox" url)
answer / >/dev/null
echo "  $url answers, $(seconds_since "$begin") after the start of the demo"

say "Edit it while it runs"
edit "hello"
edit "hello again"

say "The same app as in production, beside it"
export DEVBOX_WEB_PROD_PORT=$((${url##*:} + 1))
show prod up
echo "  its answer: $(url=http://127.0.0.1:$DEVBOX_WEB_PROD_PORT answer /hello)"
show prod down

say "Done in $(seconds_since "$begin")"
at_terminal || exit 0
cat <<TEXT
Open $url in two windows and chat. Then, in $folder:

  devbox up            the live view: logs, restarts, what happens on each save
  devbox run npm test  its tests, in a container
  devbox shell         a shell next to the app
  devbox down          stop it

(devbox is $devbox)
TEXT
