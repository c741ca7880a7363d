#!/bin/bash
# MySQL's official image, as far as devbox counts on it: the first start makes the
# data with database, user and passwords, and listens on no port meanwhile.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

say() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }

# setting NAME prints a variable, or what the file that NAME_FILE names holds.
setting() {
	local file=$1_FILE
	if [ -n "${!1:-}" ]; then
		echo "${!1}"
	elif [ -n "${!file:-}" ]; then
		cat "${!file}"
	fi
}

accounts() {
	local root user database password
	root=$(setting MYSQL_ROOT_PASSWORD)
	user=$(setting MYSQL_USER)
	database=$(setting MYSQL_DATABASE)
	password=$(setting MYSQL_PASSWORD)
	[ -z "$database" ] || echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
	if [ -n "$user" ] && [ -n "$password" ]; then
		echo "CREATE USER '$user'@'%' IDENTIFIED BY '$password';"
		[ -z "$database" ] || echo "GRANT ALL ON \`$database\`.* TO '$user'@'%';"
	fi
	echo "CREATE USER 'root'@'%' IDENTIFIED BY '$root';"
	echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
	echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$root';"
}

initialize() {
	local server
	if [ -z "$(setting MYSQL_ROOT_PASSWORD)" ]; then
		echo "Database is uninitialized and password option is not specified" >&2
		exit 1
	fi
	say "Initializing database files"
	"$@" --initialize-insecure --default-time-zone=SYSTEM
	say "Starting temporary server"
	"$@" --skip-networking --mysqlx=OFF --socket=$socket &
	server=$!
	for _ in {1..240}; do
		mysql --socket=$socket -uroot -e 'SELECT 1' &>/dev/null && break
		kill -0 "$server"
		sleep 0.25
	done
	accounts | mysql --socket=$socket -uroot mysql
	kill "$server"
	wait "$server"
	say "MySQL init process done. Ready for start up."
}

case ${1:-} in -*) set -- mysqld "$@" ;; esac
if [ "${1:-}" = mysqld ]; then
	if [ "$(id -u)" = 0 ]; then
		find $data /run/mysqld ! -user mysql -exec chown mysql: {} +
		exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
	fi
	[ -d $data/mysql ] || initialize "$@"
fi
exec "$@"
