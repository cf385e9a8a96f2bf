#!/bin/sh
# The baseline of "swarm-ready": the same containers by `docker run`, each polled until its engine answers over mutual
# TLS, then `docker swarm init` and `join`, all side by side, until the swarm says that every manager is ready.
# Arguments: what the containers' names begin with, how many managers, then what else `docker run` needs, the image
# last. NODE_CERTS: folder with the client's ca.pem, cert.pem, key.pem.
set -eu
. "${0%/*}/use.sh"
prefix=$1 count=$2
shift 2
others=$(seq 2 "$count")

start() {
  number=$1
  shift
  docker run --detach --name "$prefix$number" --hostname "node$number" --cgroupns private --cap-drop ALL \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
    --publish 127.0.0.1::2376 --publish 127.0.0.1::25000 --publish 127.0.0.1::20080 \
    "$@" 5000 80
}

inside() {
  docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$prefix$1"
}

join() {
  own=$(inside "$1")
  use "$prefix$1"
  docker swarm join --token "$token" --advertise-addr "$own" "$first:2377"
}

jobs=
for number in 1 $others; do
  start "$number" "$@" >/dev/null &
  jobs="$jobs $!"
done
for job in $jobs; do wait "$job"; done

first=$(inside 1)
token=$(use "${prefix}1" && docker swarm init --advertise-addr "$first" >/dev/null && docker swarm join-token --quiet manager)
jobs=
for number in $others; do
  join "$number" >/dev/null &
  jobs="$jobs $!"
done
for job in $jobs; do wait "$job"; done

use "${prefix}1"
tries=0
until [ "$(docker node ls --format '{{.Status}} {{.ManagerStatus}}' | grep -cE '^Ready (Leader|Reachable)')" = "$count" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { echo "the swarm is not whole" >&2; exit 1; }
  sleep 0.05
done
