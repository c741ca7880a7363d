#!/bin/sh
# MinIO's official image: arguments are for the server.
[ "${1:-}" = minio ] || [ $# = 0 ] || set -- minio "$@"
exec "$@"
