# What lesson 5 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.
# Counted: `docker` and `openssl` alone; the half upload is not in it.

# %% open
NEW='openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256'
NAMED='-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab'
BELOW='-addext basicConstraints=critical,CA:FALSE -CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key'

# run_registry NAME PORT [CERTIFICATE]
run_registry() {
  docker container rm -f "$1"
  docker container run --name "$1" -d -p "$2:5000" -v "/srv/$1:/var/lib/registry" -v /srv/certs:/certs:ro \
    ${3:+-e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/$3.crt -e REGISTRY_HTTP_TLS_KEY=/certs/$3.key} registry:2
}

# certs COMMAND [FOLDER]: in the folder of certificates, or in that of the authority
certs() { node 1 "mkdir -p ${2:-/srv/certs} && cd ${2:-/srv/certs} && $1"; }

# issue NAME [DATES]: signed by the intermediate
issue() { certs "$NEW ${2:--days 90} $NAMED $BELOW -keyout $1.key -out $1.crt"; }

complete() { certs "cat $1.crt /srv/ca/intermediate.crt >chain.crt && cp $1.key chain.key"; }

# trust CERTIFICATE PORT: on node 2
trust() { certs "cat $1" | put 2 "/etc/docker/certs.d/registry.lab:$2/ca.crt"; }

pull() { node 2 "docker image pull registry.lab:${1:-5000}/hello-world"; }

look() { node 2 'openssl s_client -connect registry.lab:5000 -showcerts </dev/null' >/dev/null 2>&1; }

# %% nameless
certs 'openssl req -newkey rsa:4096 -nodes -sha256 -x509 -days 365 -subj /CN=registry.lab -keyout nameless.key -out nameless.crt'

# %% stranger
certs "$NEW -days 365 $NAMED -keyout registry.key -out registry.crt"
run_registry registry 5000 registry
pull # fails

# %% answer-5-2
certs "$NEW -days 90 $NAMED -keyout shelf.key -out shelf.crt"
run_registry shelf 5001 shelf

# %% works
certs 'cat registry.crt' | put 2 registry.crt

# %% works-explain
look

# %% answer-5-3
docker image tag hello-world 127.0.0.1:5001/hello-world
docker image push 127.0.0.1:5001/hello-world
trust shelf.crt 5001
pull 5001

# %% insecure
mirror='"registry-mirrors": ["http://mirror:5000"]'
run_registry registry 5000 nameless
echo "{$mirror, \"insecure-registries\": [\"127.0.0.0/8\", \"registry.lab:5000\"]}" | put 2 /etc/docker/daemon.json

# %% authority-text
run_registry registry 5000
pull
echo "{$mirror, \"insecure-registries\": [\"127.0.0.0/8\"]}" | put 2 /etc/docker/daemon.json
block 2 reload_engine
pull # fails

# %% authority
certs "$NEW -days 3650 -subj '/CN=Lab root' -keyout root.key -out root.crt" /srv/ca
certs "$NEW -days 365 -subj '/CN=Lab intermediate' -CA root.crt -CAkey root.key \
  -addext basicConstraints=critical,CA:TRUE,pathlen:0 -keyout intermediate.key -out intermediate.crt" /srv/ca

trust /srv/ca/root.crt 5000
issue registry
run_registry registry 5000 registry
pull # fails

# %% chain
complete registry
run_registry registry 5000 chain
pull
look

# %% expired
issue old '-not_before 20260101000000Z -not_after 20260201000000Z'
complete old
run_registry registry 5000 chain
pull # fails
look

# %% renew
issue registry
complete registry
run_registry registry 5000 chain
issue registry
complete registry
docker container restart registry
wait_http 5000
issue registry
complete registry
run_registry registry 5000 chain
issue registry
complete registry

# %% renew-explain
wait_http 5000
pull

# %% answer-5-6
issue renewed
certs 'cat renewed.crt /srv/ca/intermediate.crt >shelf.crt && cp renewed.key shelf.key'
docker container restart shelf
wait_http 5001
trust /srv/ca/root.crt 5001
