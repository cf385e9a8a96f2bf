# The floor of lesson 5: its docker commands and requests in one node, one for each step of the notebook. What needs
# the second node, whose engine restarts with other settings, is not in it: a floor has one node.
MOBY=bW9ieTpnb3Jkb24= ADA=YWRhOmxvdmVsYWNl

# knock PORT [CREDENTIALS]: the status of GET /v2/
knock() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET /v2/ HTTP/1.0\r\nHost: 127.0.0.1\r\n%s\r\n' "${2:+Authorization: Basic $2$'\r\n'}" >&3
  sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' <&3
  exec 3>&- 3<&-
}

# members FOLDER USER PASSWORD...: a new password file in a folder of the node
members() {
  folder=$1 lines=
  shift
  while [ $# -gt 0 ]; do
    lines="$lines htpasswd -Bbn $1 $2;"
    shift 2
  done
  docker container run --rm -v "$folder:/out" httpd:2 sh -c "{ $lines } | grep . >/out/new && mv /out/new /out/htpasswd"
}

# run_members NAME PORT FOLDER
run_members() {
  docker container run --name "$1" -d -p "$2:5000" -v "$3:/auth:ro" -e REGISTRY_AUTH=htpasswd \
    -e "REGISTRY_AUTH_HTPASSWD_REALM=Team registry" -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2
}

# proxy NAME REGISTRY_PORT CREDENTIALS
proxy() {
  docker container run --rm -v "/srv/$1:/out" busybox sh -c "cat >/out/default.conf <<'END'
server { listen 8080; location /v2/ {
  limit_except GET HEAD { deny all; }
  proxy_set_header Host \$http_host;
  proxy_set_header Authorization \"Basic $3\";
  proxy_pass http://127.0.0.1:$2;
} }
END"
  docker container run --name "$1" -d --network host -v "/srv/$1:/etc/nginx/conf.d:ro" nginx
  wait_http "$PORT_8080"
}

docker container run --name htpasswd --entrypoint htpasswd registry:2 -Bbn moby gordon 2>/dev/null || true
docker container rm -f htpasswd
members /srv/auth moby gordon barbara liskov edsger dijkstra
run_members registry 5000 /srv/auth
wait_http "$PORT_5000"
[ "$(knock "$PORT_5000")" = 401 ]
[ "$(knock "$PORT_5000" "$MOBY")" = 200 ]
docker image pull hello-world
docker image tag hello-world 127.0.0.1:5000/hello-world
docker image push 127.0.0.1:5000/hello-world 2>/dev/null && exit 1
echo gordon | docker login --username moby --password-stdin 127.0.0.1:5000
docker image push 127.0.0.1:5000/hello-world
echo gordno | docker login --username moby --password-stdin 127.0.0.1:5000 2>/dev/null && exit 1
docker image tag hello-world localhost:5000/hello-world
docker image push localhost:5000/hello-world 2>/dev/null && exit 1
members /srv/auth moby gordon barbara liskov grace hopper
[ "$(knock "$PORT_5000" "$MOBY")" = 200 ]
docker logout 127.0.0.1:5000
proxy proxy 5000 "$MOBY"
docker image pull 127.0.0.1:8080/hello-world
docker image push 127.0.0.1:8080/hello-world 2>/dev/null && exit 1
docker container rm -f proxy

# Exercises 5.1 to 5.3
members /srv/team ada lovelace grace hopper
run_members team 5001 /srv/team
wait_http "$PORT_5001"
[ "$(knock "$PORT_5001" "$ADA")" = 200 ]
members /srv/team ada lovelace linus penguin
[ "$(knock "$PORT_5001" "$ADA")" = 200 ]
echo lovelace | docker login --username ada --password-stdin 127.0.0.1:5001
docker image tag hello-world 127.0.0.1:5001/team/hello
docker image push 127.0.0.1:5001/team/hello
proxy readers 5001 "$ADA"
get "$PORT_8080" /v2/team/hello/tags/list
docker logout 127.0.0.1:5001
