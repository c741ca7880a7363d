#!/bin/bash
# MariaDB's official image, as far as devbox counts on it: the first start makes
# the data with database, user and passwords, and listens on no port meanwhile.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

say() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }

# setting NAME [DEFAULT] prints a variable, or what the file that NAME_FILE names holds.
setting() {
	local file=$1_FILE
	if [ -n "${!1:-}" ]; then
		echo "${!1}"
	elif [ -n "${!file:-}" ]; then
		cat "${!file}"
	else
		echo "${2:-}"
	fi
}

quoted() { sed -e 's/\\/\\\\/g' -e "s/'/\\\\'/g" <<<"$1"; }

accounts() {
	local root user database password check
	root=$(quoted "$(setting MARIADB_ROOT_PASSWORD)")
	user=$(setting MARIADB_USER)
	database=$(setting MARIADB_DATABASE)
	password=$(quoted "$(setting MARIADB_PASSWORD)")
	check=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	for host in 127.0.0.1 ::1 localhost; do
		echo "CREATE USER healthcheck@'$host' IDENTIFIED BY '$check';"
		echo "GRANT USAGE ON *.* TO healthcheck@'$host';"
	done
	(umask 077 && printf '[mariadb-client]\nsocket=%s\nuser=healthcheck\npassword=%s\n' "$socket" "$check" >$data/.my-healthcheck.cnf)
	[ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
	if [ -n "$user" ] && [ -n "$password" ]; then
		echo "CREATE USER '$user'@'%' IDENTIFIED BY '$password';"
		[ -z "$database" ] || echo "GRANT ALL ON \`$database\`.* TO '$user'@'%';"
	fi
	echo "CREATE USER 'root'@'%' IDENTIFIED BY '$root';"
	echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
	echo "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('$root');"
}

initialize() {
	local server
	if [ -z "$(setting MARIADB_ROOT_PASSWORD)" ]; then
		echo "Database is uninitialized and password option is not specified" >&2
		exit 1
	fi
	say "Initializing database files"
	mariadb-install-db --datadir=$data --auth-root-authentication-method=normal --skip-test-db --skip-log-bin >/dev/null
	say "Starting temporary server"
	"$@" --skip-networking --socket=$socket &
	server=$!
	for _ in {1..120}; do
		mariadb --socket=$socket -uroot -e 'SELECT 1' &>/dev/null && break
		kill -0 "$server"
		sleep 0.25
	done
	accounts | mariadb --socket=$socket -uroot mysql
	kill "$server"
	wait "$server"
	say "MariaDB init process done. Ready for start up."
}

case ${1:-} in -*) set -- mariadbd "$@" ;; esac
if [ "${1:-}" = mariadbd ]; then
	if [ "$(id -u)" = 0 ]; then
		find $data /run/mysqld ! -user mysql -exec chown mysql: {} +
		exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
	fi
	[ -d $data/mysql ] || initialize "$@"
	unset MARIADB_ROOT_PASSWORD MARIADB_PASSWORD
fi
exec "$@"
