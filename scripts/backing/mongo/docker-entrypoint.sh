#!/bin/bash
# MongoDB's official image, as far as devbox counts on it, with FerretDB in the place
# of mongod: the first start makes the account, before anything listens.
set -euo pipefail

data=/data/db

if [ "${1:-}" = mongod ]; then
	shift
	if [ "$(id -u)" = 0 ]; then
		find $data ! -user mongodb -exec chown mongodb: {} +
		exec setpriv --reuid=mongodb --regid=mongodb --init-groups "$0" mongod "$@"
	fi
	if [ -n "${MONGO_INITDB_ROOT_USERNAME:-}" ]; then
		export FERRETDB_TEST_ENABLE_NEW_AUTH=true FERRETDB_SETUP_DATABASE=admin
		export FERRETDB_SETUP_USERNAME=$MONGO_INITDB_ROOT_USERNAME FERRETDB_SETUP_PASSWORD=$MONGO_INITDB_ROOT_PASSWORD
	fi
	unset MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_PASSWORD MONGO_INITDB_DATABASE
	set -- ferretdb --handler=sqlite --sqlite-url=file:$data/ --state-dir=$data --listen-addr=:27017 \
		--debug-addr=- --telemetry=disable --log-level=error "$@"
fi
exec "$@"
