#!/bin/sh
# The baseline of "swarm-images": one `docker load` of the lesson's images in each node, side by side.
# Arguments: the archive, then each node's engine. NODE_CERTS: folder with the client's ca.pem, cert.pem, key.pem.
set -eu
archive=$1
shift
export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH="$NODE_CERTS"
jobs=
for address in "$@"; do
  docker --host "$address" load --quiet --input "$archive" >/dev/null &
  jobs="$jobs $!"
done
for job in $jobs; do wait "$job"; done
