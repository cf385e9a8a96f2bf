# The floor of lesson 4: its docker and openssl commands, one for each step of the notebook. A floor has one node, so
# node 1 pulls from itself by the name registry.lab, and its engine restarts in place of node 2's; the half upload
# is not in it.
NEW='openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256'
NAMED='-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab'
BELOW='-addext basicConstraints=critical,CA:FALSE -CA intermediate.crt -CAkey intermediate.key'

# certs COMMAND: in the node's folder of certificates, by way of one container that sees the node's files
certs() { docker container exec hands chroot /node sh -c "cd /srv/certs && $1"; }

# trust CERTIFICATE PORT
trust() {
  certs "mkdir -p /etc/docker/certs.d/registry.lab:$2 && cp $1.crt /etc/docker/certs.d/registry.lab:$2/ca.crt"
}

# run_registry NAME PORT [CERTIFICATE]
run_registry() {
  docker container rm -f "$1" 2>/dev/null || true
  docker container run --name "$1" -d -p "$2:5000" -v "/srv/$1:/var/lib/registry" -v /srv/certs:/certs:ro \
    ${3:+-e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/$3.crt -e REGISTRY_HTTP_TLS_KEY=/certs/$3.key} registry:2
  reached=PORT_$2
  wait_http "${!reached}"
}

# restart_engine DAEMON_JSON: with these settings beside the mirror
restart_engine() {
  docker container rm -f registry
  certs "echo '{\"registry-mirrors\": [\"http://mirror:5000\"]$1}' >/etc/docker/daemon.json"
  certs 'touch /run/engine-restart && kill $(cat /run/docker.pid)' || true
  until docker container inspect --format '{{.State.Status}}' hands 2>/dev/null | grep -q exited; do sleep 0.05; done
  docker container start hands
}

pull() { docker image pull "registry.lab:${1:-5000}/hello-world"; }
refused() { ! pull 2>/dev/null; }
look() { certs 'openssl s_client -connect registry.lab:5000 -showcerts </dev/null' >/dev/null 2>&1; }

docker image pull busybox
docker container run --name hands -d --network host --pid host -v /:/node busybox sleep 600
docker container exec hands mkdir -p /node/srv/certs

run_registry registry 5000
docker image pull hello-world
docker image tag hello-world 127.0.0.1:5000/hello-world
docker image push 127.0.0.1:5000/hello-world
refused
certs 'openssl req -newkey rsa:4096 -nodes -sha256 -x509 -days 365 -subj /CN=registry.lab -keyout nameless.key -out nameless.crt'
run_registry registry 5000 nameless
refused
certs "$NEW -days 365 $NAMED -keyout registry.key -out registry.crt"
run_registry registry 5000 registry
refused
trust registry 5000
pull
look
certs "$NEW -days 90 $NAMED -keyout python.key -out python.crt"
run_registry registry 5000 python
refused
restart_engine ', "insecure-registries": ["registry.lab:5000"]'
run_registry registry 5000 nameless
pull
run_registry registry 5000
pull
restart_engine ''
run_registry registry 5000
refused

certs "$NEW -days 3650 -subj '/CN=Lab root' -keyout root.key -out root.crt"
certs "$NEW -days 365 -subj '/CN=Lab intermediate' -CA root.crt -CAkey root.key \
  -addext basicConstraints=critical,CA:TRUE,pathlen:0 -keyout intermediate.key -out intermediate.crt"
trust root 5000
certs "$NEW -days 90 $NAMED $BELOW -keyout registry.key -out registry.crt"
run_registry registry 5000 registry
refused
certs 'cat registry.crt intermediate.crt >chain.crt && cp registry.key chain.key'
run_registry registry 5000 chain
pull
look
certs "$NEW -not_before 20260101000000Z -not_after 20260201000000Z $NAMED $BELOW -keyout old.key -out old.crt"
certs 'cat old.crt intermediate.crt >chain.crt && cp old.key chain.key'
run_registry registry 5000 chain
refused
look
for _ in first second; do
  for _ in before after; do
    certs "$NEW -days 90 $NAMED $BELOW -keyout registry.key -out registry.crt"
    certs 'cat registry.crt intermediate.crt >chain.crt && cp registry.key chain.key'
  done
  run_registry registry 5000 chain
  docker container restart registry
  wait_http "$PORT_5000"
done
pull

# Exercises 4.1 to 4.3
certs "$NEW -days 90 $NAMED -keyout shelf.key -out shelf.crt"
run_registry shelf 5001 shelf
docker image tag hello-world 127.0.0.1:5001/hello-world
docker image push 127.0.0.1:5001/hello-world
trust shelf 5001
pull 5001
certs "$NEW -days 90 $NAMED $BELOW -keyout renewed.key -out renewed.crt"
certs 'cat renewed.crt intermediate.crt >shelf.crt && cp renewed.key shelf.key'
docker container restart shelf
wait_http "$PORT_5001"
trust root 5001
docker container rm -f hands
