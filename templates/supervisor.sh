#!/bin/sh
# devbox's supervisor: runs an app in a container and restarts it there on a word from the host, which
# is faster than restarting the container. README.md beside this file has its protocol.
#
#     sh -c SCRIPT devbox-supervisor COMMAND [ARG...]
#
# It needs a POSIX shell, /proc and sleep, and no file that it can write. Four shells share the work:
#
#     front    this process: turns signals into words, and otherwise waits: no other builtin is sure to
#              notice a signal that comes just before it blocks
#     reader   turns lines of stdin into words
#     loop     owns the state; reads one word at a time from a pipe, and decides
#     keeper   one for each run of the app: its parent, which says how it ended
#
# All of them write to the one pipe (fd 4), a line at a time, which the kernel keeps whole. Every variable
# is named dbx_*, because assigning to a variable that came with the environment changes it for the app.

dbx_port=${DEVBOX_SUPERVISOR_PORT:-}
dbx_grace=${DEVBOX_SUPERVISOR_GRACE:-}
dbx_stop=${DEVBOX_SUPERVISOR_SIGNAL:-}
dbx_files=${DEVBOX_SUPERVISOR_STATE:-/var/tmp/.devbox-supervisor /tmp/.devbox-supervisor}
dbx_hold=${DEVBOX_SUPERVISOR_STANDBY:-}
dbx_ahead=${DEVBOX_SUPERVISOR_AHEAD:+ ahead}
unset DEVBOX_SUPERVISOR_PORT DEVBOX_SUPERVISOR_GRACE DEVBOX_SUPERVISOR_SIGNAL DEVBOX_SUPERVISOR_STATE
unset DEVBOX_SUPERVISOR_STANDBY DEVBOX_SUPERVISOR_AHEAD

# A leading zero would mean octal, more digits than these an overflow.
case $dbx_port in 0* | *[!0-9]* | ??????*) dbx_port= ;; esac
case $dbx_grace in '' | 0?* | *[!0-9]* | ??????*) dbx_grace=5 ;; esac
dbx_stop=${dbx_stop#SIG}
case $dbx_stop in HUP | INT | QUIT | USR1 | USR2) ;; *) dbx_stop=TERM ;; esac

dbx_say() { printf '%s\n' "$1" >&4; }

# ---- records ---------------------------------------------------------------------------------------

# dbx_report KIND ID FIELDS writes a record to the host. One printf is one write, so output of the app
# cannot come between; the byte RS tells it from output that lacks its newline.
dbx_report() {
  dbx_json="{\"devbox\":\"$1\",\"id\":\"$2\"$3,\"restarts\":$((dbx_run > 0 ? dbx_run - 1 : 0))}"
  printf '\036%s\n' "$dbx_json" >&5
  # Written over in place and padded, so that a reader never finds the file empty or cut short.
  # In each place, because one of them may be a tmpfs, which the engine cannot read.
  for dbx_place in $dbx_files; do
    printf '%-255s\n' "$dbx_json" 1<>"$dbx_place"
  done
}

# dbx_signal_name CODE sets dbx_name to the signal that an exit status stands for, or to nothing.
dbx_signal_name() {
  dbx_name=
  case $(($1 - 128)) in
  -* | 0) ;;
  1) dbx_name=SIGHUP ;; 2) dbx_name=SIGINT ;; 3) dbx_name=SIGQUIT ;; 4) dbx_name=SIGILL ;;
  5) dbx_name=SIGTRAP ;; 6) dbx_name=SIGABRT ;; 7) dbx_name=SIGBUS ;; 8) dbx_name=SIGFPE ;;
  9) dbx_name=SIGKILL ;; 10) dbx_name=SIGUSR1 ;; 11) dbx_name=SIGSEGV ;; 12) dbx_name=SIGUSR2 ;;
  13) dbx_name=SIGPIPE ;; 14) dbx_name=SIGALRM ;; 15) dbx_name=SIGTERM ;; 24) dbx_name=SIGXCPU ;;
  25) dbx_name=SIGXFSZ ;; 31) dbx_name=SIGSYS ;;
  esac
}

# ---- time ------------------------------------------------------------------------------------------

# dbx_clock sets dbx_now to hundredths of a second, from a clock that nobody sets.
dbx_clock() {
  read -r dbx_now dbx_x </proc/uptime
  dbx_now=$((${dbx_now%.*} * 100 + 1${dbx_now#*.} - 100))
}

# Some busybox builds sleep whole seconds only.
dbx_sleep() { sleep "$1" || sleep 1; }

# ---- the app's processes ---------------------------------------------------------------------------

# dbx_stat PID reads what is needed of /proc/PID/stat. The command's name there may hold blanks and
# parentheses, so the fields are counted from the last parenthesis.
dbx_stat() {
  read -r dbx_line <"/proc/$1/stat" || return
  # shellcheck disable=SC2086 # split on purpose: numbers and one letter
  dbx_fields ${dbx_line##*") "}
}
dbx_fields() { dbx_kind=$1 dbx_parent=$2 dbx_group=$3 dbx_session=$4 dbx_born=${20}; }

# dbx_self sets dbx_id to the id of the shell that calls it; $$ is the front's in all of them.
dbx_self() {
  while read -r dbx_x dbx_id; do
    [ "$dbx_x" != Tgid: ] || return
  done </proc/self/status
}

# dbx_marked PID: was this process started with the app's mark in its environment?
dbx_marked() {
  while read -r dbx_line || [ -n "$dbx_line" ]; do
    case $dbx_line in *"DEVBOX_APP=$dbx_mark"*) return 0 ;; esac
  done <"/proc/$1/environ"
  return 1
}

# dbx_find sets dbx_found to the ids of all processes of the app: those of its session, those that left it
# but carry the mark, those known from an earlier look, and the children of all these. What a person runs
# by docker exec has none of that. dbx_grouped lists those that a signal to the app's group reaches.
#
# A shell reads byte by byte, so each file that need not be read counts: the supervisor's own processes are
# known by their ids, and a process without the mark never gets it, so each environment is read once.
dbx_find() {
  dbx_found=' ' dbx_grouped=' ' dbx_rest=
  for dbx_dir in /proc/[0-9]*; do
    dbx_id=${dbx_dir#/proc/}
    if [ "$dbx_id" = "$dbx_pid" ]; then # its end is a word of its keeper
      dbx_found="$dbx_found$dbx_id " dbx_grouped="$dbx_grouped$dbx_id "
      continue
    fi
    case " 1 $dbx_own $dbx_keeper $dbx_poller $dbx_ticker $dbx_brewer $dbx_spare_keeper $dbx_spare_pid " in *" $dbx_id "*) continue ;; esac
    dbx_stat "$dbx_id" || continue
    case $dbx_kind in Z | X) continue ;; esac
    [ "$dbx_born" -ge "$dbx_birth" ] || continue # older than the supervisor
    if [ "$dbx_session" = "$dbx_leader" ]; then
      dbx_found="$dbx_found$dbx_id "
      [ "$dbx_group" != "$dbx_leader" ] || dbx_grouped="$dbx_grouped$dbx_id "
      continue
    fi
    # With a session of its own the app has no process in ours.
    [ -n "$dbx_setsid" ] && [ "$dbx_session" = "$dbx_ours" ] && continue
    case $dbx_known in *" $dbx_id:$dbx_born "*) dbx_found="$dbx_found$dbx_id " && continue ;; esac
    case $dbx_strange in
    *" $dbx_id:$dbx_born:"*) ;;
    *)
      dbx_marked "$dbx_id" && dbx_found="$dbx_found$dbx_id " && dbx_known="$dbx_known$dbx_id:$dbx_born " && continue
      ;;
    esac
    dbx_rest="$dbx_rest $dbx_id:$dbx_born:$dbx_parent"
  done
  dbx_strange=$dbx_rest
  dbx_more=$dbx_rest
  while [ -n "$dbx_more" ] && [ "$dbx_found" != ' ' ]; do
    dbx_more=
    for dbx_id in $dbx_rest; do
      dbx_parent=${dbx_id##*:} dbx_id=${dbx_id%:*}
      dbx_born=${dbx_id#*:} dbx_id=${dbx_id%:*}
      case $dbx_found in *" $dbx_id "*) continue ;; *" $dbx_parent "*) ;; *) continue ;; esac
      dbx_found="$dbx_found$dbx_id " dbx_known="$dbx_known$dbx_id:$dbx_born " dbx_more=1
    done
  done
}

# dbx_signal_all sends the stop signal once to each process found, SIGKILL each time.
dbx_signal_all() {
  if [ "$dbx_stopping" = KILL ]; then
    [ -z "$dbx_setsid" ] || kill -s KILL -- "-$dbx_leader"
    for dbx_id in $dbx_found; do kill -s KILL "$dbx_id"; done
    return
  fi
  if [ "$dbx_told" = ' ' ] && [ -n "$dbx_setsid" ] && kill -s "$dbx_stop" -- "-$dbx_leader"; then
    dbx_told=$dbx_told${dbx_grouped# }
  fi
  for dbx_id in $dbx_found; do
    case $dbx_told in *" $dbx_id "*) continue ;; esac
    kill -s "$dbx_stop" "$dbx_id"
    dbx_told="$dbx_told$dbx_id "
  done
}

# ---- listening sockets -----------------------------------------------------------------------------
#
# /proc/net/tcp is dear: to find its end the kernel walks a table of the whole machine, some milliseconds
# each time. The counters in /proc/net/sockstat are cheap, so the tables are read when a counter has moved,
# and otherwise now and then; and listening sockets come first, so reading stops early.

# dbx_counters sets dbx_counts to the numbers of TCP sockets in use, IPv4:IPv6.
dbx_counters() {
  dbx_counts=
  for dbx_x in sockstat sockstat6; do
    dbx_number=none
    [ ! -r "/proc/net/$dbx_x" ] || while read -r dbx_kind dbx_line dbx_number dbx_line; do
      case $dbx_kind in TCP: | TCP6:) break ;; esac
    done <"/proc/net/$dbx_x"
    dbx_counts=$dbx_counts:$dbx_number
  done
}

# dbx_sockets TABLE adds address:port:inode of each listening socket to dbx_socks. It is true when it met the
# declared port, open to all: then it stopped there, and nobody needs more.
dbx_sockets() {
  [ -r "/proc/net/$1" ] || return 1
  {
    read -r dbx_x
    while read -r dbx_x dbx_local dbx_x dbx_kind dbx_x dbx_x dbx_x dbx_x dbx_x dbx_inode dbx_x; do
      [ "$dbx_kind" = 0A ] || break
      dbx_socks="$dbx_socks$dbx_local:$dbx_inode "
      case $dbx_local in *[!0]*:*) ;; *:"$dbx_hex") return 0 ;; esac
    done
  } <"/proc/net/$1"
  return 1
}

# dbx_owned INODE: does a process of the app hold this socket? Without ls the answer is yes. Most often it is
# the app's first process, and nobody else need be looked for.
dbx_owned() {
  command -v ls >/dev/null || return 0
  case $(ls -l "/proc/$dbx_pid/fd") in *"socket:[$1]"*) return 0 ;; esac
  dbx_find
  dbx_dirs=
  for dbx_id in $dbx_found; do dbx_dirs="$dbx_dirs /proc/$dbx_id/fd"; done
  [ -n "$dbx_dirs" ] || return 1
  # shellcheck disable=SC2086,SC2012 # split on purpose: paths of numbers
  case $(ls -l $dbx_dirs) in *"socket:[$1]"*) return 0 ;; esac
  return 1
}

# dbx_look looks for sockets that are not known to be somebody else's. It sets dbx_hit to the one on
# the declared port, dbx_other to one on another port, both as: port, any or loopback, socket.
dbx_look() {
  dbx_socks=' ' dbx_hit='' dbx_other=''
  dbx_sockets tcp6 || dbx_sockets tcp
  for dbx_sock in $dbx_socks; do
    case $dbx_foreign in *" $dbx_sock "*) continue ;; esac
    dbx_number=${dbx_sock%:*}
    dbx_number=$((0x${dbx_number#*:}))
    case ${dbx_sock%%:*} in
    0B00007F) continue ;; # 127.0.0.11: the engine's name server
    ??????7F | 00000000000000000000000001000000 | 0000000000000000FFFF0000??????7F) dbx_reach=loopback ;;
    *) dbx_reach=any ;;
    esac
    if [ "$dbx_number" = "$dbx_port" ]; then
      [ -n "$dbx_hit" ] && [ "$dbx_reach" = loopback ] || dbx_hit="$dbx_number $dbx_reach $dbx_sock"
    elif [ "$dbx_number" = 9229 ]; then
      : # Node's inspector comes first and is no server
    elif [ -n "$dbx_port" ] && [ "$dbx_number" -ge 32768 ]; then
      : # the kernel chose it, as a rule for processes of the app to talk to each other
    elif [ -z "$dbx_other" ]; then
      dbx_other="$dbx_number $dbx_reach $dbx_sock"
    fi
  done
}

# dbx_tell PORT REACH SOCKET says that a port is open, if it is the app that opened it.
dbx_tell() {
  if dbx_owned "${3##*:}"; then
    dbx_say "listening $dbx_seat $1 $2 $dbx_before"
  else
    dbx_foreign="$dbx_foreign$3 "
    return 1
  fi
}

# dbx_poll looks for the declared port as long as the app runs, without one until any is open. Another port than
# the declared is told of once, after two seconds, and the look-out for the right one goes on.
#
# Each look takes processor time from the start of the app, so the first comes when most of the time has passed in
# which the last start of the same way was not there yet.
dbx_poll() {
  dbx_clock
  dbx_began=$dbx_now dbx_due=$((dbx_now + 20)) dbx_patience=200 dbx_quiet=$dbx_hold dbx_before=0
  [ -n "$dbx_port" ] || dbx_patience=0
  if [ "$dbx_way" = cold ]; then dbx_x=$((dbx_blind_cold * 3 / 4)); else dbx_x=$((dbx_blind_warm * 3 / 4)); fi
  case $dbx_x in
  0) ;;
  ?) dbx_sleep "0.0$dbx_x" ;;
  1?) dbx_sleep "0.$dbx_x" ;;
  *) dbx_sleep 0.2 ;; # it may be quicker this time
  esac
  while :; do
    dbx_last=$dbx_counts
    dbx_counters
    dbx_clock
    dbx_age=$((dbx_now - dbx_began))
    if [ "$dbx_counts" != "$dbx_last" ] || [ "$dbx_now" -ge "$dbx_due" ]; then
      dbx_due=$((dbx_now + 20))
      dbx_look
      dbx_judge || return
    fi
    # What never listens has a standby too, once its start should be over.
    [ -z "$dbx_quiet" ] || [ "$dbx_age" -lt 200 ] || { dbx_quiet= && dbx_say brew; }
    dbx_before=$dbx_age
    dbx_poll_nap || return
  done
}

# dbx_judge takes in what dbx_look has found. It is false when there is nothing more to look for.
dbx_judge() {
  # shellcheck disable=SC2086 # split on purpose: three words
  if [ -n "$dbx_hit" ]; then
    if dbx_tell $dbx_hit; then
      [ -n "$dbx_port" ] && dbx_guard
      return
    fi
  elif [ -n "$dbx_other" ] && [ -n "$dbx_patience" ] && [ "$dbx_age" -ge "$dbx_patience" ]; then
    if dbx_tell $dbx_other; then
      [ -n "$dbx_port" ] || return
      dbx_patience=
    else
      dbx_due=$dbx_now # there may be more of them
    fi
  fi
  return 0
}

# dbx_poll_nap waits for the next look: the longer, the less is to be expected.
dbx_poll_nap() {
  if [ "$dbx_age" -lt 200 ]; then
    dbx_sleep 0.015
  elif [ "$dbx_age" -lt 1000 ]; then
    dbx_sleep 0.1
  elif [ "$dbx_age" -lt 6000 ]; then
    dbx_sleep 1
  else
    dbx_sleep "$dbx_beat"
  fi
}

# dbx_guard ends when the port, which was open, is closed in two looks: a tool that restarts the app inside its
# command stays when the app has crashed, and it is down for a moment at each restart.
dbx_guard() {
  dbx_missed=
  while :; do
    dbx_sleep "$dbx_beat" || return
    dbx_look
    [ -z "$dbx_hit" ] || { dbx_missed= && continue; }
    [ -z "$dbx_missed" ] || break
    dbx_missed=1
  done
  dbx_say "closed $dbx_seat"
  dbx_clock
  dbx_began=$((dbx_now - 200)) dbx_due=$dbx_now dbx_patience=
}

# dbx_poll_end now|ended
dbx_poll_end() {
  [ -n "$dbx_poller" ] || return
  if [ "$1" = now ]; then
    dbx_x= # what it sleeps by, or that would stay until it wakes up
    read -r dbx_x <"/proc/$dbx_poller/task/$dbx_poller/children"
    # shellcheck disable=SC2086 # split on purpose: ids
    kill -s KILL "$dbx_poller" $dbx_x
  fi
  wait "$dbx_poller"
  dbx_poller=
}

# ---- start and stop --------------------------------------------------------------------------------
#
# dbx_state   idle, starting (the keeper is there, the app's id is not known yet), running
# dbx_goal    what a word asked for and is not done yet: start, stop, quit, halt or nothing; the newest wins. It
#             stays halt until another word comes
# dbx_overdue   when the app that was halted starts without a word
# dbx_stopping  while a stop goes on: TERM, later KILL

dbx_launch() {
  dbx_run=$((dbx_run + 1)) dbx_state=starting dbx_goal='' dbx_known=' ' dbx_done=$dbx_keeper dbx_way=cold
  dbx_counters
  if dbx_spare_lives; then
    dbx_spare_go
    return
  fi
  if [ -n "$dbx_hold" ] && [ -n "$dbx_ahead" ]; then
    dbx_x=$1
    shift
    set -- "$dbx_x" --require "$dbx_hold" "$@"
  fi
  dbx_spawn "$@"
  dbx_seat=$dbx_spawned dbx_keeper=$!
}

# dbx_spawn COMMAND [ARG...] starts a keeper with its process, which has the number dbx_spawned. A standby
# is not marked as the app's before it is.
dbx_spawn() {
  dbx_spawned=$((dbx_spawned + 1))
  (
    trap 'dbx_say "exited $dbx_spawned $?"' EXIT # also where there are too many processes to make one more
    (
      # A shell ignores some signals for what it runs in the background; the app must not inherit that.
      trap - HUP INT QUIT TERM USR1 USR2
      dbx_self
      dbx_say "started $dbx_spawned $dbx_id"
      if [ "$dbx_spawned" = "$dbx_spare" ]; then
        DEVBOX_STANDBY="$dbx_spawned $dbx_mark$dbx_ahead"
        export DEVBOX_STANDBY
        exec 3<"/proc/self/fd/$dbx_pipe"
      else
        DEVBOX_APP=$dbx_mark
        export DEVBOX_APP
        if [ -n "$dbx_hold" ] && [ -n "$dbx_ahead" ]; then
          DEVBOX_STANDBY="0 $dbx_mark$dbx_ahead"
          export DEVBOX_STANDBY
        fi
      fi
      # The folder may be another one by now, made anew under the same path. The app has no use for what cd exports.
      dbx_x=${OLDPWD-}
      [ -z "$dbx_home" ] || cd "$dbx_home" || :
      if [ -n "$dbx_x" ]; then OLDPWD=$dbx_x; else unset OLDPWD; fi
      # shellcheck disable=SC2086 # split on purpose: words of our own
      exec $dbx_setsid $dbx_env "$@" </dev/null 2>&5 4>&- 5>&- 6>&- 7>&-
    ) &
    exec 6>&- 7>&- # or a standby would not see the supervisor's end
    wait "$!"
  ) &
}

# ---- standby ---------------------------------------------------------------------------------------
#
# A Node process that has started and waits, before any line of the app, for its number on a pipe: then it is
# the app. See standby.cjs. It is made when the app has started, and no word ever waits for it: without a
# standby the start is a cold one. The two pipes are used in turn, because the number of a standby that was
# stopped early may still be in its pipe.
#
# dbx_hold    the file that makes Node wait; empty where there is no standby
# dbx_spare   the number of the standby, empty without one; dbx_spare_keeper, and dbx_spare_pid once known

# dbx_plain_node WORDS... is true for a command that a standby can stand in for: node, options that mean the
# same for it, a file. What the options tell Node to load comes after the wait.
dbx_plain_node() {
  case ${1##*/} in node | nodejs) shift ;; *) return 1 ;; esac
  while [ "$#" -gt 0 ]; do
    case $1 in
    -r | --require | --import | -C | --conditions) shift ;;
    --require=?* | --import=?* | --conditions=?*) ;;
    -*) dbx_harmless "$1" || return 1 ;;
    *) return 0 ;;
    esac
    [ "$#" -eq 0 ] || shift
  done
  return 1
}

dbx_harmless() {
  case $1 in
  --enable-source-maps | --no-warnings | --no-deprecation | --throw-deprecation | --pending-deprecation) ;;
  --trace-warnings | --trace-deprecation | --trace-uncaught | --unhandled-rejections=*) ;;
  --max-old-space-size=* | --max_old_space_size=* | --max-semi-space-size=* | --max-http-header-size=*) ;;
  --stack-trace-limit=* | --dns-result-order=* | --expose-gc | --preserve-symlinks | --preserve-symlinks-main) ;;
  --experimental-strip-types | --no-experimental-strip-types | --experimental-transform-types) ;;
  --no-experimental-require-module | --experimental-require-module | --experimental-sqlite) ;;
  *) return 1 ;;
  esac
}

# dbx_plain_env: nothing that the environment makes Node do comes before the wait.
dbx_plain_env() {
  [ -z "${NODE_V8_COVERAGE:-}${NODE_DEBUG:-}${NODE_DEBUG_NATIVE:-}${NODE_REPL_EXTERNAL_MODULE:-}" ] || return
  set -f
  # shellcheck disable=SC2086 # split on purpose: options
  set -- ${NODE_OPTIONS:-}
  set +f
  for dbx_x; do dbx_harmless "$dbx_x" || return; done
}

# dbx_roomy: is there memory for one more Node process, should the container have a limit?
dbx_roomy() {
  for dbx_x in /sys/fs/cgroup /sys/fs/cgroup/memory; do
    for dbx_line in "memory.max memory.current" "memory.limit_in_bytes memory.usage_in_bytes"; do
      [ -r "$dbx_x/${dbx_line% *}" ] || continue
      read -r dbx_number <"$dbx_x/${dbx_line% *}"
      case $dbx_number in *[!0-9]* | ????????????????*) continue ;; esac
      read -r dbx_line <"$dbx_x/${dbx_line#* }"
      [ "$((dbx_number - dbx_line))" -ge 268435456 ] || return
    done
  done
}

# dbx_brew_soon: not at once, or it would take time from the app's first answers.
dbx_brew_soon() {
  [ -n "$dbx_hold" ] && [ -z "$dbx_brewer$dbx_spare" ] || return
  (dbx_sleep 0.2 && dbx_say "brew slept") >/dev/null &
  dbx_brewer=$!
}

# dbx_brew COMMAND [ARG...] makes a standby, if it has not come to the end of the app meanwhile.
dbx_brew() {
  if [ "$dbx_a" = slept ]; then
    wait "$dbx_brewer"
    dbx_brewer=
  fi
  [ "$dbx_state" = running ] && [ -z "$dbx_goal$dbx_spare$dbx_stopping" ] && [ -n "$dbx_hold" ] && dbx_roomy || return
  dbx_spare=$((dbx_spawned + 1)) dbx_spare_pid='' dbx_pipe=$((13 - dbx_pipe))
  dbx_x=$1
  shift
  dbx_spawn "$dbx_x" --require "$dbx_hold" "$@"
  dbx_spare_keeper=$!
}

dbx_spare_lives() {
  [ -n "$dbx_spare" ] || return
  [ -n "$dbx_spare_pid" ] || return 0
  dbx_stat "$dbx_spare_pid" || return
  case $dbx_kind in Z | X | T) return 1 ;; esac
}

# dbx_spare_go makes the standby the app.
dbx_spare_go() {
  dbx_seat=$dbx_spare dbx_keeper=$dbx_spare_keeper dbx_x=$dbx_spare_pid
  dbx_spare='' dbx_spare_keeper='' dbx_spare_pid=''
  printf '%s\n' "$dbx_seat" 1>&"$dbx_pipe"
  dbx_way=warm
  [ -z "$dbx_x" ] || dbx_started "$dbx_x"
}

# dbx_spare_exited CODE takes in that it is gone. One that ends by itself is not replaced, because the next
# would do the same, except when it asks for that: it has found a module that it should not have loaded.
dbx_spare_exited() {
  wait "$dbx_spare_keeper"
  dbx_spare='' dbx_spare_keeper='' dbx_spare_pid=''
  if [ "$1" = 75 ]; then dbx_brew_soon; else dbx_hold=; fi
}

# dbx_spare_end is for when no start is to be expected.
dbx_spare_end() {
  [ -n "$dbx_spare_pid" ] || return
  kill -s KILL "$dbx_spare_keeper" "$dbx_spare_pid"
  wait "$dbx_spare_keeper"
  dbx_spare='' dbx_spare_keeper='' dbx_spare_pid=''
}

# dbx_pipe_open N makes a pipe without a name, because there may be no place to make one: taken from a
# short-lived pipeline through /proc, opened to read and write at once, so that it never ends.
dbx_pipe_open() {
  dbx_x=$(: | {
    exec 3<&0
    sleep 9 >/dev/null 2>&1 &
    echo "$!"
  })
  [ -p "/proc/$dbx_x/fd/3" ] && (exec 4<>"/proc/$dbx_x/fd/3") 2>/dev/null || return
  case $1 in
  4) exec 4<>"/proc/$dbx_x/fd/3" ;;
  6) exec 6<>"/proc/$dbx_x/fd/3" ;;
  7) exec 7<>"/proc/$dbx_x/fd/3" ;;
  esac
  kill "$dbx_x"
}

# dbx_standby_set_up COMMAND [ARG...] puts the file into the first folder that takes it, or gives the standby up.
dbx_standby_set_up() {
  dbx_line=$dbx_hold dbx_hold=
  [ -n "$dbx_line" ] && dbx_plain_node "$@" && dbx_plain_env || return
  for dbx_x in /dev/shm /tmp /var/tmp; do
    dbx_hold=$dbx_x/.devbox-standby-$dbx_mark.cjs
    (
      rm -f "$dbx_hold"
      umask 077
      set -C # a file or link that somebody else put there is never written through
      printf '%s\n' "$dbx_line" >"$dbx_hold"
    ) 2>/dev/null && break
    dbx_hold=
  done
  [ -n "$dbx_hold" ] && dbx_pipe_open 6 && dbx_pipe_open 7 || dbx_hold=
}

# dbx_halt ID stops an app for a start that is announced: its standby stays. Where the app is on its way anyway,
# there is nothing to gain.
dbx_halt() {
  [ "$dbx_state" = running ] && [ -z "$dbx_goal$dbx_stopping" ] || return
  dbx_want halt "$1"
  dbx_overdue=$((dbx_now + 200))
}

# dbx_unhalt starts the app that was halted: nobody else is going to.
dbx_unhalt() { [ "$dbx_goal" != halt ] || dbx_goal=start; }

# dbx_want GOAL ID takes a word.
dbx_want() {
  [ "$dbx_goal" != quit ] || return
  dbx_x=$dbx_goal dbx_goal=$1 dbx_goal_id=$2
  # What was halted and has ended needs no second look.
  [ "$dbx_x$1$dbx_state$dbx_stopping" != haltstartidle ] || return
  # In the moment between fork and exec there is nobody to signal yet: "started" comes back here.
  [ "$dbx_state" = starting ] || [ -n "$dbx_stopping" ] || dbx_end
}

# dbx_end begins to stop whatever of the app is there, also what it left behind when it ended by itself.
dbx_end() {
  dbx_stopping=TERM dbx_told=' '
  dbx_clock
  dbx_hurried=$((dbx_now + 50)) dbx_deadline=$((dbx_now + dbx_grace * 100))
  dbx_find
  if [ "$dbx_found" != ' ' ]; then
    dbx_signal_all
    dbx_report stopping "$dbx_goal_id"
  fi
  dbx_poll_end now # while it ends, and not between its end and the next start
  dbx_check
}

# dbx_check goes on once the last process is gone. The end of the app itself comes as a word of its
# keeper; others can only be looked for.
dbx_check() {
  if [ -z "$dbx_pid" ]; then
    dbx_find
    [ "$dbx_found" != ' ' ] || {
      dbx_ended
      return
    }
    dbx_signal_all
  fi
  [ -n "$dbx_ticker" ] || dbx_tick
}

# dbx_tick makes a word for later: soon where others than the app itself are waited for, but not for long.
dbx_tick() {
  dbx_clock
  dbx_nap=0.1
  [ -n "$dbx_pid" ] || [ "$dbx_now" -gt "$dbx_hurried" ] || dbx_nap=0.02
  [ "$dbx_grace" != 0 ] || [ "$dbx_stopping" = KILL ] || dbx_nap=0.01
  (dbx_sleep "$dbx_nap" && dbx_say tick) >/dev/null &
  dbx_ticker=$!
}

# dbx_ticked looks after a stop that takes its time.
dbx_ticked() {
  wait "$dbx_ticker"
  dbx_ticker=
  if [ -z "$dbx_stopping" ]; then
    [ "$dbx_goal" = halt ] || return
    dbx_clock
    if [ "$dbx_now" -lt "$dbx_overdue" ]; then dbx_tick; else dbx_unhalt; fi
    return
  fi
  if [ -n "$dbx_pid" ] && ! { dbx_stat "$dbx_keeper" && [ "$dbx_kind" != Z ]; }; then
    wait "$dbx_keeper" # it was killed, or its word is still on the way and will come too late
    dbx_exited "$?"
    return
  fi
  dbx_clock
  if [ "$dbx_stopping" = TERM ] && [ "$dbx_now" -ge "$dbx_deadline" ]; then
    dbx_stopping=KILL
    dbx_report slow "$dbx_goal_id" ",\"grace\":$dbx_grace"
    dbx_find
    dbx_signal_all
  fi
  dbx_check
}

# dbx_ended does what was asked for, now that nothing of the app is left.
dbx_ended() {
  dbx_stopping='' dbx_leader=none
  [ "$dbx_goal" != start ] || return # the loop starts it
  if [ "$dbx_goal" = halt ]; then
    dbx_hurried=0
    [ -n "$dbx_ticker" ] || dbx_tick
    return
  fi
  dbx_report stopped "$dbx_goal_id"
  dbx_spare_end
  [ "$dbx_goal" != quit ] || exit "$dbx_code"
  dbx_goal=
}

dbx_started() {
  dbx_state=running dbx_pid=$1 dbx_leader=$1
  dbx_report started "$dbx_run_id" ",\"pid\":$dbx_pid"
  (dbx_poll) >/dev/null 5>&- &
  dbx_poller=$!
  [ -z "$dbx_done" ] || wait "$dbx_done" # the last run's keeper; late, because it need not be waited for
  [ -z "$dbx_goal" ] || dbx_end
}

dbx_exited() {
  dbx_state=idle dbx_pid='' dbx_code=$1
  dbx_poll_end now
  dbx_signal_name "$dbx_code"
  dbx_report exited "$dbx_run_id" \
    ",\"code\":$dbx_code${dbx_name:+,\"signal\":\"$dbx_name\"}${dbx_stopping:+,\"expected\":true}"
  if [ -n "$dbx_stopping" ]; then
    dbx_check
  elif [ -n "$dbx_goal" ]; then
    dbx_end
  fi
}

# dbx_start_word ID: where it runs and goes on running, the run only takes the new id.
dbx_start_word() {
  if [ -n "$dbx_goal" ] || [ "$dbx_state" = idle ]; then
    dbx_want start "$1"
    return
  fi
  dbx_run_id=$1
  [ "$dbx_state" = starting ] || dbx_report started "$1" ",\"pid\":$dbx_pid,\"already\":true"
}

dbx_listens() {
  [ "$1" = "$dbx_seat" ] && [ "$dbx_state" = running ] || return
  [ "$3" = any ] && dbx_x='' || dbx_x=',"loopback":true'
  case $dbx_way in
  cold) dbx_blind_cold=$4 ;;
  warm) dbx_blind_warm=$4 ;;
  esac
  dbx_way=timed # to open the port again in the same run is no start
  dbx_report listening "$dbx_run_id" ",\"port\":$2$dbx_x"
  dbx_brew_soon
  [ -n "$dbx_port" ] || dbx_poll_end ended
}

dbx_closes() {
  [ "$1" = "$dbx_seat" ] && [ "$dbx_state" = running ] || return
  dbx_report closed "$dbx_run_id" ",\"port\":$dbx_port"
}

# dbx_loop COMMAND [ARG...] handles one word after the other.
dbx_loop() {
  dbx_state=idle dbx_goal=start dbx_goal_id='' dbx_stopping='' dbx_told=' ' dbx_run=0 dbx_run_id=''
  dbx_pid='' dbx_leader=none dbx_known=' ' dbx_strange='' dbx_code=0 dbx_keeper='' dbx_poller='' dbx_ticker=''
  dbx_seat=0 dbx_spawned=0 dbx_brewer='' dbx_spare='' dbx_spare_keeper='' dbx_spare_pid='' dbx_pipe=7
  dbx_way=cold dbx_blind_cold=0 dbx_blind_warm=0
  dbx_self
  dbx_own="$$ $dbx_id $dbx_reader"
  dbx_socks=' '
  dbx_sockets tcp
  dbx_sockets tcp6
  dbx_foreign=$dbx_socks
  while :; do
    if [ "$dbx_goal" = start ] && [ "$dbx_state" = idle ] && [ -z "$dbx_stopping" ]; then
      dbx_run_id=$dbx_goal_id
      dbx_launch "$@"
    fi
    read -r dbx_word dbx_a dbx_b dbx_c || exit 1
    case $dbx_word in
    restart) dbx_want start "$dbx_a" ;;
    start) dbx_start_word "$dbx_a" ;;
    halt) dbx_halt "$dbx_a" ;;
    stop) dbx_want stop "$dbx_a" ;;
    quit) dbx_want quit '' ;;
    pass) [ -z "$dbx_pid" ] || kill -s "$dbx_a" "$dbx_pid" ;;
    started)
      if [ "$dbx_a" = "$dbx_spare" ]; then
        dbx_spare_pid=$dbx_b
      elif [ "$dbx_a" = "$dbx_seat" ]; then
        dbx_started "$dbx_b"
      fi
      ;;
    exited)
      if [ "$dbx_a" = "$dbx_spare" ]; then
        dbx_spare_exited "$dbx_b"
      elif [ "$dbx_a" = "$dbx_seat" ] && [ "$dbx_state" != idle ]; then
        dbx_exited "$dbx_b"
      fi
      ;;
    brew) dbx_brew "$@" ;;
    listening) dbx_listens "$dbx_a" "$dbx_b" "${dbx_c% *}" "${dbx_c#* }" ;;
    closed) dbx_closes "$dbx_a" ;;
    tick) dbx_ticked ;;
    deaf)
      dbx_own=${dbx_own% *} # the reader's id may be another's from now on
      dbx_unhalt
      ;;
    esac
  done
}

# ---- the host's words ------------------------------------------------------------------------------

# An id goes back to the host inside JSON: one that would need quoting, or is long, is dropped.
dbx_listen() {
  while read -r dbx_word dbx_id dbx_x; do
    case $dbx_word in restart | start | stop | halt) ;; *) continue ;; esac
    case $dbx_id in *[!A-Za-z0-9._:-]*) dbx_id= ;; esac
    [ "${#dbx_id}" -le 64 ] || dbx_id=
    dbx_say "$dbx_word $dbx_id"
  done
  dbx_say deaf
}

# ---- start -----------------------------------------------------------------------------------------

if ! command -v sleep >/dev/null || ! dbx_pipe_open 4; then
  # Better an app that cannot be restarted than none.
  printf '\036{"devbox":"unsupported","id":""}\n' >&2
  exec "$@"
fi

dbx_stat self
dbx_ours=$dbx_session dbx_birth=$dbx_born dbx_mark="$$.$dbx_born"
dbx_hex=none
[ -z "$dbx_port" ] || dbx_hex=$(printf %04X "$dbx_port")
dbx_setsid=$(command -v setsid) # its path, to save the search
dbx_home=$(pwd)
dbx_standby_set_up "$@"
# dash and busybox cannot undo that SIGINT and SIGQUIT are ignored in the background. Node does it by itself,
# for others env does where it knows how.
# And it is the app itself, whose end is seen at once, so its port is looked at now and then only.
case ${1##*/} in
node | nodejs) dbx_beat=5 dbx_env= ;;
*) dbx_beat=1 dbx_env=$(env --default-signal=INT,QUIT echo env --default-signal=INT,QUIT 2>/dev/null) ;;
esac

dbx_woken=
trap 'dbx_woken=1; dbx_say "restart "' HUP
trap 'dbx_woken=1; dbx_say "pass USR1"' USR1
trap 'dbx_woken=1; dbx_say "pass USR2"' USR2
# The last word: nothing may end the wait for the loop after it, or the loop's status would be lost.
trap 'trap "" HUP INT QUIT TERM USR1 USR2; dbx_woken=1; dbx_say quit' INT QUIT TERM "$dbx_stop"

# An init of the image's own may signal the whole group; only the front listens to that.
if (exec 5<&0) 2>/dev/null; then exec 5<&0; else exec 5</dev/null; fi
(
  trap '' HUP TERM USR1 USR2
  dbx_listen
) <&5 5<&- >/dev/null 2>&1 &
dbx_reader=$!
exec 5<&-
(
  trap '' HUP TERM USR1 USR2
  exec 5>&2 2>/dev/null <&4
  dbx_loop "$@"
) &
dbx_looper=$!

# A signal ends wait before the loop ends. And it may come just before or after the loop's end: a shell that
# has told its status once may say 127 when asked again.
dbx_gone=
while :; do
  dbx_woken=
  wait "$dbx_looper" 2>/dev/null
  dbx_x=$?
  [ -n "$dbx_gone" ] && [ "$dbx_x" = 127 ] || dbx_code=$dbx_x
  [ -n "$dbx_woken" ] || break
  kill -0 "$dbx_looper" 2>/dev/null || dbx_gone=1
done
exec 2>/dev/null
kill -s KILL "$dbx_reader"
exit "$dbx_code"
