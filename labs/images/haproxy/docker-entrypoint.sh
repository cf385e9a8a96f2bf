#!/bin/sh
# As Docker Hub's: options alone go to haproxy; haproxy runs as master with a worker, in the foreground.
set -eu
case "${1:-}" in -*) set -- haproxy "$@" ;; esac
if [ "${1:-}" = haproxy ]; then
    shift
    set -- haproxy -W -db "$@"
fi
exec "$@"
