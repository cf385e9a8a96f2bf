# Put in front of each lesson's floor: what a registry is asked over HTTP, with bash alone, since a node has no curl.
# PORT_5000 and so on: where this shell reaches the node's port 5000.
set -euo pipefail
exec </dev/null

# request METHOD PORT PATH: the answer, headers included
request() {
  exec 3<>"/dev/tcp/127.0.0.1/$2"
  printf '%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: %s\r\nAccept: %s\r\n\r\n' "$1" "$3" \
    application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.manifest.v1+json >&3
  cat <&3
  exec 3>&- 3<&-
}

# node NUMBER COMMAND: in a node as the notebooks' `sh` does it, from the host's engine; there where we are inside
# one. What is piped or typed into it goes there.
node() {
  [ -n "${NODE_1:-}" ] || { sh -c "$2"; return; }
  name=NODE_$1
  DOCKER_HOST=$HOST_HOST DOCKER_TLS_VERIFY=$HOST_TLS_VERIFY DOCKER_CERT_PATH=$HOST_CERT_PATH \
    docker container exec -i "${!name}" sh -c "$2"
}

# get PORT PATH: the body
get() { request GET "$1" "$2" | sed '1,/^\r*$/d'; }

# head_digest PORT REPOSITORY TAG
head_digest() {
  request HEAD "$1" "/v2/$2/manifests/$3" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}

# wait_http PORT: until something speaks HTTP there
wait_http() {
  tries=0
  until (request GET "$1" /v2/) 2>/dev/null | grep -q '^HTTP/1'; do
    tries=$((tries + 1))
    [ "$tries" -lt 2000 ] || { echo "nothing speaks HTTP on port $1" >&2; exit 1; }
    sleep 0.05
  done
}
