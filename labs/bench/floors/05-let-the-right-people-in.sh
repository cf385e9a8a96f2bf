# The floor of lesson 5: its docker commands and requests, one for each step of the notebook, and its commands in a
# node. Where this shell is inside a node, that one stands for both; so its engine restarts before anything runs.
MOBY=bW9ieTpnb3Jkb24= ADA=YWRhOmxvdmVsYWNl

# What Python's bcrypt makes in the notebook, without Docker: here it is made already.
BARBARA='barbara:$2b$10$sCEAqBtpQ8mEjCOTSRYzROGVUsdNROfQgGu39iBhKM8qpvOy//Sr6'
GRACE='grace:$2b$10$wUMSNAw50IjqZGqOV1q9F..veAP4NEsczIj1PTW68aIe4g7ZoGPc6'
ADAS='ada:$2b$10$uLQe9oGsjyGUQDZbj3IAIOXn2KKnwJ7fbJxPmKi/wGUFFKZDyIjmy'
LINUS='linus:$2b$10$8AONLaqGXRxz5Hs3en4SLO6H8YZ1r67FjlUWjD9wHGGUJXKSs.ha.'

# knock PORT [CREDENTIALS]: the status of GET /v2/
knock() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET /v2/ HTTP/1.0\r\nHost: 127.0.0.1\r\n%s\r\n' "${2:+Authorization: Basic $2$'\r\n'}" >&3
  sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' <&3
  exec 3>&- 3<&-
}

# write PATH LINE...: a file of node 1, put in its place whole
write() {
  path=$1
  shift
  printf '%s\n' "$@" | node 1 "mkdir -p $(dirname "$path") && cat >$path.new && mv $path.new $path"
}

# restart_engine SETTING: node 2's, with this in daemon.json; the mirror is there already
restart_engine() {
  node 2 "echo '{\"registry-mirrors\": [\"http://mirror:5000\"]$1}' >/etc/docker/daemon.json
    dockerd --validate --config-file /etc/docker/daemon.json && touch /run/engine-restart && kill \$(cat /run/docker.pid)
    while [ -e /run/engine-restart ]; do sleep 0.05; done
    until docker version >/dev/null 2>&1; do sleep 0.05; done"
}

# run_members NAME PORT FOLDER
run_members() {
  docker container run --name "$1" -d -p "$2:5000" -v "$3:/auth:ro" -e REGISTRY_AUTH=htpasswd \
    -e "REGISTRY_AUTH_HTPASSWD_REALM=Team registry" -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2
  reached=PORT_$2
  wait_http "${!reached}"
}

# proxy NAME REGISTRY_PORT CREDENTIALS
proxy() {
  write "/srv/$1/default.conf" "server { listen 8080; location /v2/ {
  limit_except GET HEAD { deny all; }
  proxy_set_header Host \$http_host;
  proxy_set_header Authorization \"Basic $3\";
  proxy_pass http://127.0.0.1:$2;
} }"
  docker container run --name "$1" -d --network host -v "/srv/$1:/etc/nginx/conf.d:ro" nginx
  wait_http "$PORT_8080"
}

# log_in NODE USER PASSWORD HOST: by docker inside the node, whose file it changes
log_in() { node "$1" "echo $3 | docker login --username $2 --password-stdin $4"; }

restart_engine ', "insecure-registries": ["registry.lab:5002"]'
restart_engine ''
for number in 1 2; do node "$number" 'rm -rf /srv/auth /srv/team /srv/readers /root/.docker'; done
docker container run --name htpasswd --entrypoint htpasswd registry:2 -Bbn moby gordon 2>/dev/null || true
docker container rm -f htpasswd
moby=$(docker container run --rm httpd:2 htpasswd -Bbn moby gordon)
edsger=edsger:$(node 1 'perl -e "print crypt(\"dijkstra\", q(\$2b\$10\$) . substr(\`openssl rand -hex 16\`, 0, 22))"')
dennis=dennis:$(node 1 'openssl passwd -6 ritchie')
write /srv/auth/htpasswd "$moby" "$BARBARA" "$edsger" "$dennis"
run_members registry 5000 /srv/auth
[ "$(knock "$PORT_5000")" = 401 ]
[ "$(knock "$PORT_5000" "$MOBY")" = 200 ]
docker image pull hello-world
docker image tag hello-world 127.0.0.1:5000/hello-world
docker image push 127.0.0.1:5000/hello-world 2>/dev/null && exit 1
log_in 1 moby gordon 127.0.0.1:5000
node 1 'cat /root/.docker/config.json'
write /root/elsewhere/config.json '{"credsStore": "desktop"}'
node 1 'echo gordon | DOCKER_CONFIG=/root/elsewhere docker login -u moby --password-stdin 127.0.0.1:5000' && exit 1
echo gordon | docker login --username moby --password-stdin 127.0.0.1:5000
docker image push 127.0.0.1:5000/hello-world
log_in 1 moby gordno 127.0.0.1:5000 && exit 1
echo gordno | docker login --username moby --password-stdin 127.0.0.1:5000 && exit 1
docker image tag hello-world localhost:5000/hello-world
docker image push localhost:5000/hello-world && exit 1
log_in 2 moby gordon registry.lab:5000 && exit 1
log_in 1 moby gordon localhost:5000 # in place of the one that a listener hears
write /srv/auth/htpasswd "$moby" "$BARBARA" "$GRACE"
[ "$(knock "$PORT_5000" "$MOBY")" = 200 ]
node 1 'docker logout 127.0.0.1:5000; cat /root/.docker/config.json'
proxy proxy 5000 "$MOBY"
docker image pull 127.0.0.1:8080/hello-world
docker image push 127.0.0.1:8080/hello-world && exit 1
docker container rm -f proxy

# Exercises 5.1 to 5.3
write /srv/team/htpasswd "$ADAS" "$GRACE"
run_members team 5001 /srv/team
[ "$(knock "$PORT_5001" "$ADA")" = 200 ]
write /srv/team/htpasswd "$ADAS" "$LINUS"
[ "$(knock "$PORT_5001" "$ADA")" = 200 ]
echo lovelace | docker login --username ada --password-stdin 127.0.0.1:5001
docker image tag hello-world 127.0.0.1:5001/team/hello
docker image push 127.0.0.1:5001/team/hello
proxy readers 5001 "$ADA"
get "$PORT_8080" /v2/team/hello/tags/list
rm -f "${DOCKER_CONFIG:-/root/.docker}/config.json" # the next round begins as a stranger
