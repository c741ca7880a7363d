# shellcheck shell=sh
#
# devbox's dbx_once: runs a build of a local package only where something that it reads has changed.
#
#     dbx_once RECORDS LOCK WHAT FOLDERS SETTINGS COMMAND [ARG...]
#
# RECORDS is a folder that lives longer than the container, LOCK a name for the folder that is built, WHAT
# one for the script. FOLDERS are the package's own and those of the local packages that it loads, SETTINGS
# the folders above it; none of them has a blank in its name. A state in which nothing is to be done is kept
# as an empty file, whose name is the digest of every file there, those that the build made among them: so
# what was edited, or removed, is built anew, and what was only touched is not. It needs flock, find, sort,
# xargs and sha256sum; without them, or where RECORDS cannot be written, the command just runs.

# dbx_files KIND lists the settings and the files of FOLDERS: all of them where KIND is made, else those that no
# build makes.
dbx_files() {
  for dbx_dir in $dbx_folders; do
    if [ "$1" = made ]; then
      find "$dbx_dir" \( -name node_modules -o -name .git \) -prune -o -type f -print0
    else
      find "$dbx_dir" \( -name node_modules -o -name .git -o -path "$dbx_dir/dist" -o -path "$dbx_dir/build" -o -path "$dbx_dir/out" \) -prune -o -type f ! -name '*.tsbuildinfo' -print0
    fi
  done
  for dbx_dir in $dbx_settings; do
    find "$dbx_dir/" -maxdepth 1 -type f \( -name '*.json' -o -name '.*rc*' -o -name '*.config.*' \) -print0
  done
}

# dbx_state KIND is one digest of them all, and of what was asked for. Where a file cannot be read it is one
# that no other start has.
dbx_state() {
  {
    printf '%s\n' "$dbx_what"
    dbx_files "$1" | LC_ALL=C sort -z | xargs -0 -r sha256sum || echo "$$ $(date)"
  } | sha256sum | cut -c 1-40
}

dbx_once() {
  dbx_records=$1 dbx_lock=$2 dbx_what=$3 dbx_folders=$4 dbx_settings=$5
  shift 5
  for dbx_tool in flock find sort xargs sha256sum cut; do
    command -v "$dbx_tool" >/dev/null || { "$@"; return; }
  done
  # With true, not with a colon: where a special built-in cannot write, the shell itself ends.
  if ! mkdir -p "$dbx_records" 2>/dev/null || ! true 2>/dev/null >>"$dbx_records/$dbx_lock"; then
    "$@"
    return
  fi
  (
    # Who comes second waits, and finds it built.
    flock 9
    [ ! -e "$dbx_records/built-$(dbx_state made)" ] || exit 0
    dbx_before=$(dbx_state source)
    "$@" 9>&- || exit
    # An edit that came meanwhile may not be in it. The source is looked at last, so that none is missed.
    dbx_made=$(dbx_state made)
    [ "$(dbx_state source)" != "$dbx_before" ] || true 2>/dev/null >"$dbx_records/built-$dbx_made"
    # It is built: that a record cannot be kept, or somebody else removes an old one too, is no failure.
    find "$dbx_records" -name 'built-*' -mtime +30 -exec rm -f {} + 2>/dev/null || true
  ) 9>>"$dbx_records/$dbx_lock"
}
