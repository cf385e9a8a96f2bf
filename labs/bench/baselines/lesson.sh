# In front of the commands of each lesson: the shell that its blocks and additions run in. `docker` talks to node 1.
# PORT_5000 and so on: where this shell reaches port 5000 of node 1. NODE_1 and so on: the containers of the nodes.
# HOST_…: the engine that these run on. HUB: where this shell reaches the hub, in a lesson that has one.
set -eEo pipefail
exec </dev/null
trap 'echo "cell $CELL: line failed: $BASH_COMMAND" >&2' ERR

# docker ARGUMENT...: as typed, and then the wait that the lesson's cell has: until the port answers
docker() {
  case "$1 ${2:-}" in
    'service create') shift 2; create_service "$@" ;;
    # Else it watches the tasks for 5 s more; the lesson waits until they run.
    'service update' | 'service scale') in_sequence "$1" "$2" --detach "${@:3}" ;;
    # On some runs it never ends (github.com/docker/cli/issues/4678), and is asked again.
    'service logs') until timeout 20 docker "$@"; do :; done ;;
    'container run') command docker "$@" && { [[ " $* " != *' -d '* ]] || wait_published "$@"; } ;;
    *) command docker "$@" ;;
  esac
}

# in_sequence ARGUMENT...: again where the swarm has changed the service between docker's reading and its writing
in_sequence() {
  local said
  until said=$(command docker "$@" 2>&1); do
    [[ $said == *'update out of sequence'* ]] || { echo "$said" >&2; return 1; }
    sleep 0.2
  done
  echo "$said"
}

# wait_published ARGUMENT...: until each port of -p answers
wait_published() {
  while [ $# -gt 0 ]; do
    if [ "$1" = -p ]; then wait_http "${2%%:*}"; fi
    shift
  done
}

# create_service ARGUMENT...: without IPVS no published port answers; then an edge does it, as `lab.swarm.publish` does
create_service() {
  local arguments=() ports=() name='' each
  [ -n "${MESH:-}" ] || MESH=$(node 1 '{ [ -e /proc/net/ip_vs ] || modprobe ip_vs; } 2>/dev/null && echo yes || echo no')
  while [ $# -gt 0 ]; do
    case "$1" in
      --detach=false) ;;
      --publish | -p) ports+=("$2"); [ "$MESH" = no ] || arguments+=("$1" "$2"); shift ;;
      --name) name=$2; arguments+=("$1" "$2"); shift ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
  if [ "$MESH" = no ] && [ -n "${ports[*]}" ]; then
    command docker network inspect edge >/dev/null 2>&1 || command docker network create -d overlay edge
    arguments=(--network edge --endpoint-mode dnsrr "${arguments[@]}")
  fi
  command docker service create --detach "${arguments[@]}"
  for each in "${ports[@]}"; do
    [ "$MESH" = yes ] || edge "${each%:*}" "$name" "${each#*:}"
    wait_http "${each%:*}"
  done
}

# edge PORT SERVICE TARGET: a proxy on each node, where there is none
edge() {
  command docker service inspect "edge-$1" >/dev/null 2>&1 && return
  command docker config create "edge-$1" - <<CONFIG
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
  default-server check inter 1s fall 3 rise 1 resolvers swarm init-addr none
  server-template task 20 tasks.$2:$3
CONFIG
  command docker service create --detach --name "edge-$1" --mode global --network edge --stop-signal SIGTERM \
    --stop-grace-period 1s --config "source=edge-$1,target=/usr/local/etc/haproxy/haproxy.cfg" \
    --publish "mode=host,published=$1,target=$1" haproxy:3
  until_running "edge-$1" "$(nodes)"
}

# curl ARGUMENT...: with the addresses of node 1 as this shell reaches them; the hub's is one already
curl() {
  local arguments=() each port
  for each in "$@"; do
    if [[ $each =~ ^http://127\.0\.0\.1:([0-9]+)(.*) ]]; then
      port=PORT_${BASH_REMATCH[1]}
      each=http://127.0.0.1:${!port:-${BASH_REMATCH[1]}}${BASH_REMATCH[2]}
    fi
    arguments+=("$each")
  done
  command curl --silent --show-error --fail "${arguments[@]}"
}

# htpasswd ARGUMENT...: of Apache's image, since this machine may have none
htpasswd() { command docker container run -i --rm httpd:2 htpasswd "$@" | grep .; }

# host ARGUMENT...: docker on the engine that has the nodes as containers
host() {
  DOCKER_HOST=$HOST_HOST DOCKER_TLS_VERIFY=$HOST_TLS_VERIFY DOCKER_CERT_PATH=$HOST_CERT_PATH command docker "$@"
}

# node NUMBER COMMAND: in a node, as the notebooks' `sh` does it; what is piped into it goes there
node() {
  local name=NODE_$1
  host container exec -i "${!name}" sh -c "$2"
}

# block NUMBER COMMANDS: part of a block that is meant for another node
block() {
  node "$1" "set -e
    systemctl() { \"\$1\"_engine; }
    reload_engine() {
      began=\$(date +%s.%N)
      kill -HUP \$(cat /run/docker.pid)
      until docker events --since \$began --until \$(date +%s.%N) --filter event=reload | grep -q reload; do sleep 0.05; done
    }
    docker() {
      command docker \"\$@\" || return
      [ \"\$1 \$2\" != 'container run' ] || answers \$(printf '%s\n' \"\$@\" | sed -n 's/^\([0-9]*\):[0-9]*\$/\1/p')
    }
    answers() {
      for port in \"\$@\"; do
        until printf 'GET /v2/ HTTP/1.0\r\n\r\n' | socat -t 1 - TCP:127.0.0.1:\$port 2>/dev/null | grep -q '^HTTP/1'; do
          sleep 0.05
        done
      done
    }
    restart_engine() {
      touch /run/engine-restart && kill \$(cat /run/docker.pid)
      while [ -e /run/engine-restart ]; do sleep 0.05; done
      until docker version >/dev/null 2>&1; do sleep 0.05; done
    }
    $2"
}

off() { local name=NODE_$1; host container kill "${!name}"; }
on() {
  local name=NODE_$1
  host container start "${!name}"
  [ "$1" != 1 ] || reach
}

# reach: node 1 again, whose ports are others after each start of its container
reach() {
  local variable address
  address=$(host container port "$NODE_1" 2376/tcp | head -n 1)
  DOCKER_HOST=tcp://$address
  for variable in "${!PORT_@}"; do
    address=$(host container port "$NODE_1" "$((20000 + ${variable#PORT_}))/tcp" | head -n 1)
    printf -v "$variable" %s "${address##*:}"
  done
  until command docker version >/dev/null 2>&1; do sleep 0.05; done
}

# put NUMBER PATH: what is piped into it, as a file of a node, put in its place whole
put() { node "$1" "mkdir -p $(dirname "$2") && cat >$2.new && mv $2.new $2"; }

# request METHOD PORT PATH [TYPE]: the answer of node 1, headers included; TYPE is one more that it may have
request() {
  local port=PORT_$2
  exec 3<>"/dev/tcp/127.0.0.1/${!port}"
  printf '%s %s HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: %s\r\nAccept: %s\r\n\r\n' "$1" "$3" \
    application/vnd.docker.distribution.manifest.v2+json "${4:-application/vnd.oci.image.manifest.v1+json}" >&3
  cat <&3
  exec 3>&- 3<&-
}

# get PORT PATH: the body
get() { request GET "$1" "$2" | sed '1,/^\r*$/d'; }

# head_digest PORT REPOSITORY TAG
head_digest() {
  request HEAD "$1" "/v2/$2/manifests/$3" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
}

# wait_http PORT: until something on node 1 speaks HTTP there, with TLS or without
wait_http() {
  local tries=0
  until (request GET "$1" /v2/) 2>/dev/null | grep -q '^HTTP/1'; do
    tries=$((tries + 1))
    [ "$tries" -lt 2000 ] || { echo "nothing speaks HTTP on port $1" >&2; exit 1; }
    sleep 0.05
  done
}

# until_running SERVICE NUMBER
until_running() {
  until [ "$(command docker service ps "$1" --filter desired-state=running --format '{{.CurrentState}}' | grep -c ^Running)" = "$2" ]; do
    sleep 0.2
  done
}

# until_updated SERVICE STATE
until_updated() {
  until [ "$(command docker service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')" = "$2" ]; do
    sleep 0.2
  done
}

# until_gone SERVICE: from every node, since an old registry would take what the new one is sent
until_gone() {
  local id nodes
  id=$(command docker service inspect --format '{{.ID}}' "$1" 2>/dev/null) || return 0
  command docker service rm "$1"
  nodes=$(command docker node ls --quiet)
  # Tasks of a service that is gone are called after its id.
  while command docker node ps --format '{{.Name}}' $nodes | grep -qE "^($1|$id)\."; do sleep 0.1; done
}

# nodes: how many there are; the environment may have other variables whose names begin so
nodes() { compgen -v NODE_ | grep -c '^NODE_[0-9]$'; }

# until_whole: until node 1 can reach all of them
until_whole() { until [ "$(ready_of 1)" = "$(nodes)" ]; do sleep 0.2; done; }

# ready_of NUMBER: how many managers a node can reach
ready_of() { node "$1" "docker node ls --format '{{.Status}} {{.ManagerStatus}}'" 2>/dev/null | grep -cE '^Ready (Leader|Reachable)' || true; }

# until_given_up NUMBER OTHER: until another node says that a node is down; one that comes back in that moment stays so
until_given_up() {
  until node "$2" "docker node ls --format '{{.Hostname}} {{.Status}}'" | grep -q "^node$1 Down"; do sleep 0.2; done
}

# start_store: Swift beside the nodes, with a bucket; STORE is its address. Name, volume, user and port are those of the
# playground's own, so that a check finds it.
start_store() {
  local playground=${NODE_1%-node1} token label labels=()
  for label in org.registry-course org.registry-course.lesson; do
    labels+=(--label "$label=$(host container inspect "$NODE_1" --format "{{index .Config.Labels \"$label\"}}")")
  done
  host volume create "${labels[@]}" --label org.registry-course.secret=bench "$playground-store-disk"
  host container run -d --name "$playground-store" --network "$playground" --read-only --tmpfs /tmp "${labels[@]}" \
    --label org.registry-course.node=store -v "$playground-store-disk:/srv/node" -p 127.0.0.1::8080 \
    -e STORE_USER=course:registry -e STORE_SECRET=bench registry-course/store:1
  STORE=$(host container inspect "$playground-store" --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')
  swift() { node 1 "bash -c 'exec 3<>/dev/tcp/$STORE/8080; printf \"$1 HTTP/1.0\r\n$2\r\n\r\n\" >&3; cat <&3'"; }
  until token=$(swift 'GET /auth/v1.0' 'X-Auth-User: course:registry\r\nX-Auth-Key: bench' | tr -d '\r' | sed -n 's/^X-Auth-Token: //p') \
    && [ -n "$token" ]; do sleep 0.1; done
  swift 'PUT /v1/AUTH_course/registry' "X-Auth-Token: $token"
}
