# Read in by the baselines that make nodes. NODE_CERTS: folder with the client's ca.pem, cert.pem, key.pem.

# use CONTAINER: talk to that node's engine from here on, once it answers over mutual TLS
use() {
  address=$(docker port "$1" 2376/tcp)
  export DOCKER_HOST="tcp://$address" DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH="$NODE_CERTS"
  tries=0
  until docker version >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "the engine of $1 does not answer" >&2; exit 1; }
    sleep 0.02
  done
}
