#!/bin/sh
# The baseline of "labs.open, new playground": the same container by `docker run`, polled until its engine answers
# over mutual TLS. Arguments: --name=… first, then what else `docker run` needs, the image last.
# NODE_CERTS: folder with the client's ca.pem, cert.pem, key.pem.
set -eu
. "${0%/*}/use.sh"
name=${1#--name=}

docker run --detach --hostname node1 --cgroupns private --cap-drop ALL \
  --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
  --publish 127.0.0.1::2376 --publish 127.0.0.1::25000 --publish 127.0.0.1::25001 \
  "$@" 5000 5001

use "$name"
