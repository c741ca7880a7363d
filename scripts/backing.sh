# shellcheck shell=bash
# Recipes for images of backing services, for images.sh: real servers from Debian's
# packages and the Go module proxy, with the official images' contract as far as
# devbox counts on it. The entrypoints are in the folder backing/. One is no MongoDB,
# and its tag says so.
# shellcheck disable=SC2154 # here, suite, cache and work are those of images.sh

minio_release=RELEASE.2025-09-07T16-13-09Z # the last one that has an official image

# backing_image IMAGE TREE makes the image of a backing service.
backing_image() {
	case $1 in
	mariadb:10.11) suite=bookworm mariadb_image "$@" ;;
	mariadb:11.8) suite=trixie mariadb_image "$@" ;;
	mysql:9.7) suite=sid mysql_image "$@" ;;
	rabbitmq:3-management) suite=bookworm rabbitmq_image "$@" ;;
	rabbitmq:4.0-management) suite=trixie rabbitmq_image "$@" ;;
	rabbitmq:4.3-management) suite=sid rabbitmq_image "$@" ;;
	"minio/minio:$minio_release") minio_image "$@" ;;
	mongo:8.0-ferretdb) mongo_image "$@" ;;
	*) die "there is no recipe for $1; there are some for node:X.Y.Z-$suite-slim, debian:$suite-slim and those in scripts/backing.sh" ;;
	esac
}

# add_packages TREE PACKAGE… installs Debian's packages there, without starting
# what they bring.
add_packages() {
	local tree=$1 output lagging=true
	shift
	[ "$suite" != sid ] || lagging=false # what sid says of itself is valid for a week, and mirrors lag
	log "installing Debian $suite's $*"
	[ ! -f /etc/resolv.conf ] || cp /etc/resolv.conf "$tree/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
	chmod 755 "$tree/usr/sbin/policy-rc.d"
	# shellcheck disable=SC2016 # the shell in the tree expands it
	output=$(chroot "$tree" sh -c 'apt-get update -qq -o Acquire::Check-Valid-Until="$0" && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" && apt-get clean' "$lagging" "$@" 2>&1 </dev/null) || {
		tail -5 <<<"$output" >&2
		die "apt-get install $* failed"
	}
	rm -rf "$tree/usr/sbin/policy-rc.d" "$tree"/var/lib/apt/lists/* "$tree/etc/resolv.conf"
}

# contract TREE NAME… installs programs of backing/ that the image's contract names.
contract() {
	local tree=$1 name
	shift
	for name; do
		install -m 755 "$here/backing/$name" "$tree/usr/local/bin/${name##*/}"
	done
}

stand_in='LABEL org.opencontainers.image.description="A stand-in for the official image, made by scripts/images.sh of devbox"'
search_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# sql_server TREE PACKAGE… makes a Debian with a server of MySQL's family. It is the
# packages without set-up: that would make data, and start the server for it.
sql_server() {
	local tree=$1
	shift
	debian "$tree"
	add_packages "$tree" "$@"
	chroot "$tree" useradd --system --uid 999 --user-group --home-dir /var/lib/mysql mysql
	mkdir -p "$tree"/{var/lib/mysql,var/lib/mysql-files,run/mysqld,etc/mysql/conf.d}
	chroot "$tree" chown mysql:mysql /var/lib/mysql /var/lib/mysql-files /run/mysqld
}

mariadb_image() {
	sql_server "$2" mariadb-server-core mariadb-client-core
	printf '[mariadb]\nhost-cache-size=0\nskip-name-resolve\nsocket=/run/mysqld/mysqld.sock\npid-file=/run/mysqld/mysqld.pid\n' >"$2/etc/mysql/my.cnf"
	contract "$2" mariadb/docker-entrypoint.sh mariadb/healthcheck.sh
	import "$2" "$1" "ENV PATH=$search_path" 'VOLUME /var/lib/mysql' 'EXPOSE 3306' "$stand_in" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["mariadbd"]'
}

mysql_image() {
	sql_server "$2" mysql-server-core mysql-client-core
	printf '[mysqld]\nhost-cache-size=0\nskip-name-resolve\nsocket=/run/mysqld/mysqld.sock\npid-file=/run/mysqld/mysqld.pid\n[client]\nsocket=/run/mysqld/mysqld.sock\n' >"$2/etc/mysql/my.cnf"
	contract "$2" mysql/docker-entrypoint.sh
	import "$2" "$1" "ENV PATH=$search_path" 'VOLUME /var/lib/mysql' 'EXPOSE 3306 33060' "$stand_in" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["mysqld"]'
}

# rabbitmq_image puts RabbitMQ's own programs before Debian's wrappers, which
# change the user by themselves.
rabbitmq_image() {
	debian "$2"
	add_packages "$2" rabbitmq-server
	mkdir -p "$2/etc/rabbitmq/conf.d"
	printf 'loopback_users.guest = false\nlog.console = true\n' >"$2/etc/rabbitmq/conf.d/10-defaults.conf"
	echo '[rabbitmq_management,rabbitmq_prometheus].' >"$2/etc/rabbitmq/enabled_plugins"
	rm -rf "$2/var/lib/rabbitmq"
	mkdir -p "$2/var/lib/rabbitmq"
	chroot "$2" chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /etc/rabbitmq /var/log/rabbitmq
	chmod 1777 "$2/var/lib/rabbitmq"
	ln -s /var/lib/rabbitmq/.erlang.cookie "$2/root/.erlang.cookie"
	contract "$2" rabbitmq/docker-entrypoint.sh
	import "$2" "$1" "ENV PATH=/usr/lib/rabbitmq/bin:$search_path" 'ENV HOME=/var/lib/rabbitmq' 'ENV LANG=C.UTF-8' \
		'ENV RUNNING_UNDER_SYSTEMD=true' 'VOLUME /var/lib/rabbitmq' 'EXPOSE 5672 15672' "$stand_in" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["rabbitmq-server"]'
}

# minio_image compiles the server and its client, which takes minutes.
minio_image() {
	command -v go >/dev/null || die "$1 is made with Go, which is not installed"
	debian "$2"
	go_program "$2/usr/bin/minio" github.com/minio/minio@v0.0.0-20250907161309-07c3a429bfed \
		"-X github.com/minio/minio/cmd.ReleaseTag=$minio_release"
	go_program "$2/usr/bin/mc" github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9 ''
	mkdir -p "$2/data"
	contract "$2" minio/docker-entrypoint.sh
	import "$2" "$1" "ENV PATH=$search_path" 'ENV MC_CONFIG_DIR=/tmp/.mc' 'VOLUME /data' 'EXPOSE 9000' "$stand_in" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["minio"]'
}

# mongo_image has MongoDB's shell from the npm registry. In the place of the server,
# which only MongoDB's own archive has, is FerretDB on SQLite, which speaks its protocol.
mongo_image() {
	local tree=$2 prefix=$2/usr/local
	command -v go >/dev/null || die "$1 is made with Go, which is not installed"
	debian "$tree"
	chroot "$tree" useradd --system --uid 999 --user-group --home-dir /data/db mongodb
	mkdir -p "$tree/data/db"
	chroot "$tree" chown mongodb:mongodb /data/db
	ferretdb "$prefix/bin/ferretdb" v1.24.2
	package "node-linux-$(node_arch)" 24.21.0 "$prefix" package/bin package/LICENSE
	mongosh "$tree" 2.5.8
	contract "$tree" mongo/docker-entrypoint.sh
	import "$tree" "$1" "ENV PATH=$search_path" 'ENV HOME=/data/db' 'VOLUME /data/db' 'EXPOSE 27017' "$stand_in" \
		'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["mongod"]'
}

# go_program FILE PACKAGE@VERSION LINK compiles a program, and keeps it for the
# next image.
go_program() {
	local file=$1 package=$2 kept=$cache/${2##*/}
	if [ ! -x "$kept" ]; then
		log "compiling $package (some minutes)"
		GOBIN=$work/bin CGO_ENABLED=0 GOFLAGS='' go install -trimpath -ldflags "-s -w $3" "$package" ||
			die "$package cannot be compiled"
		package=${package%@*}
		mv "$work/bin/${package##*/}" "$kept"
	fi
	cp "$kept" "$file"
}

# ferretdb FILE VERSION compiles it, with its version where it wants that: what a
# checkout of its repository has and a module has not.
ferretdb() {
	local kept=$cache/ferretdb@$2 source=$work/ferretdb about
	if [ ! -x "$kept" ]; then
		log "compiling FerretDB $2 (some minutes)"
		about=$(cd "$work" && GOFLAGS='' go mod download -json "github.com/FerretDB/FerretDB@$2") ||
			die "FerretDB cannot be had from the Go module proxy: $(json_field Error <<<"$about")"
		cp -r "$(json_field Dir <<<"$about")" "$source"
		chmod -R u+w "$source"
		echo "$2" >"$source/build/version/version.txt"
		(cd "$source" && CGO_ENABLED=0 GOFLAGS='' go build -trimpath -ldflags '-s -w' -o "$kept" ./cmd/ferretdb) ||
			die "FerretDB $2 cannot be compiled"
	fi
	cp "$kept" "$1"
}

# mongosh TREE VERSION installs MongoDB's shell with the tree's own Node. The native
# parts that it can do without would have to be compiled.
mongosh() {
	local tree=$1 prefix=$1/usr/local output
	log "installing mongosh $2"
	tool "$prefix" npm 11 npm:bin/npm-cli.js
	[ ! -f /etc/resolv.conf ] || cp /etc/resolv.conf "$tree/etc/resolv.conf"
	output=$(chroot "$tree" env PATH="$search_path" HOME=/tmp NODE_EXTRA_CA_CERTS="$certificates" \
		npm_config_registry="$(registry)" npm_config_cache=/tmp/npm \
		npm install --global --ignore-scripts --omit=optional --no-audit --no-fund "mongosh@$2" 2>&1 </dev/null) || {
		tail -5 <<<"$output" >&2
		die "npm install mongosh@$2 failed"
	}
	rm -rf "$tree/tmp/npm" "$tree/etc/resolv.conf" "$prefix/lib/node_modules/npm" "$prefix/bin/npm"
}
