#!/bin/sh
# `docker run registry config.yml` serves; `docker run registry garbage-collect …` runs that command instead.
set -e
case "$1" in
    *.yaml|*.yml) set -- registry serve "$@" ;;
    serve|garbage-collect|help|-*) set -- registry "$@" ;;
esac
exec "$@"
