#!/bin/bash
# The health check of MariaDB's official image, as far as devbox counts on it:
# --connect fails while the server has no network, --innodb_initialized until
# recovery is done. It has an account of its own, so that no refusal is logged.
set -euo pipefail

ask() {
	mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=socket --skip-column-names --batch -e "$1"
}

[ $# -gt 0 ] || {
	echo "no test is named" >&2
	exit 1
}
for check; do
	case $check in
	--connect) [ "$(ask 'SELECT @@skip_networking')" = 0 ] ;;
	--innodb_initialized)
		[ "$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine = 'innodb' AND support IN ('YES', 'DEFAULT', 'ENABLED')")" = 1 ]
		;;
	*)
		echo "unknown test $check" >&2
		exit 1
		;;
	esac
done
