# Put in front of each floor after http.sh: what those of the swarm lessons share. Nothing in it runs by itself.

# host ARGUMENT...: docker on the host's engine, which has the nodes as containers
host() {
  DOCKER_HOST=$HOST_HOST DOCKER_TLS_VERIFY=$HOST_TLS_VERIFY DOCKER_CERT_PATH=$HOST_CERT_PATH docker "$@"
}

off() { name=NODE_$1; host container kill "${!name}"; }
on() { name=NODE_$1; host container start "${!name}"; }

# asks NUMBER PORT PATH: the body, from inside a node
asks() { node "$1" "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$2; printf \"GET $3 HTTP/1.0\r\n\r\n\" >&3; cat <&3'"; }

# until_running SERVICE NUMBER
until_running() {
  until [ "$(docker service ps "$1" --filter desired-state=running --format '{{.CurrentState}}' | grep -c ^Running)" = "$2" ]; do
    sleep 0.2
  done
}

# until_gone SERVICE: from every node, since an old registry would take what the new one is sent
until_gone() {
  id=$(docker service inspect --format '{{.ID}}' "$1" 2>/dev/null) || return 0
  docker service rm "$1"
  nodes=$(docker node ls --quiet)
  # Tasks of a service that is gone are called after its id.
  while docker node ps --format '{{.Name}}' $nodes | grep -qE "^($1|$id)\."; do sleep 0.1; done
}

until_whole() {
  until [ "$(docker node ls --format '{{.Status}} {{.ManagerStatus}}' | grep -cE '^Ready (Leader|Reachable)')" = 5 ]; do sleep 0.2; done
}

# until_given_up NUMBER OTHER: until another node says that a node is down; one that comes back in that moment stays so
until_given_up() {
  until node "$2" "docker node ls --format '{{.Hostname}} {{.Status}}'" | grep -q "^node$1 Down"; do sleep 0.2; done
}

# edge PORT SERVICE TARGET: the proxy on each node
edge() {
  docker config create "floor-$1" - <<CONFIG
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
resolvers swarm
  nameserver engine 127.0.0.11:53
  hold valid 1s
  hold obsolete 3s
frontend port
  bind :$1
  default_backend tasks
backend tasks
  default-server check inter 1s fastinter 300ms fall 3 rise 1 resolvers swarm init-addr none
  server-template task 20 tasks.$2:$3
CONFIG
  docker service create -d --name "edge-$1" --mode global --network edge --stop-signal SIGTERM --stop-grace-period 1s \
    --config "source=floor-$1,target=/usr/local/etc/haproxy/haproxy.cfg" \
    --publish "mode=host,published=$1,target=$1" haproxy:3
  until_running "edge-$1" 5
}

# start_store: Swift beside the nodes, with a bucket; STORE is its address
start_store() {
  place=${NODE_1%-node1}
  id() { host container inspect "$NODE_1" --format "{{index .Config.Labels \"$1\"}}"; }
  host container run -d --name "$place-store" --network "$place" --read-only --tmpfs /tmp -v /srv/node \
    --label "org.registry-course=$(id org.registry-course)" --label "org.registry-course.node=store" \
    --label "org.registry-course.lesson=$(id org.registry-course.lesson)" \
    -e STORE_USER=floor:floor -e STORE_SECRET=floor registry-course/store:1
  STORE=$(host container inspect "$place-store" --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')
  swift() { node 1 "bash -c 'exec 3<>/dev/tcp/$STORE/8080; printf \"$1 HTTP/1.0\r\n$2\r\n\r\n\" >&3; cat <&3'"; }
  until token=$(swift 'GET /auth/v1.0' 'X-Auth-User: floor:floor\r\nX-Auth-Key: floor' | tr -d '\r' | sed -n 's/^X-Auth-Token: //p') \
    && [ -n "$token" ]; do sleep 0.1; done
  swift 'PUT /v1/AUTH_floor/registry' "X-Auth-Token: $token"
}
