# What lesson 10 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
# mirror NUMBER URL: what a node's engine asks before Docker Hub, without a restart
mirror() {
  node "$1" "echo '{\"registry-mirrors\": [\"$2\"]}' >/etc/docker/daemon.json; kill -HUP \$(cat /run/docker.pid)"
  until node "$1" "docker info --format '{{json .RegistryConfig.Mirrors}}'" | grep -q "$2"; do sleep 0.05; done
}

# answers PORT: of node 2
answers() {
  until node 2 "printf 'GET /v2/ HTTP/1.0\r\n\r\n' | socat -t 1 - TCP:127.0.0.1:$1 2>/dev/null" | grep -q '^HTTP/1'; do
    sleep 0.05
  done
}

# publish IMAGE PORT REPOSITORY: from node 2
publish() { node 2 "docker image pull $1; docker image tag $1 127.0.0.1:$2/$3; docker image push 127.0.0.1:$2/$3"; }

# cached PORT PATH: what a cache of node 1 gives
cached() { get "$1" "/v2/library/busybox/$2"; }

for number in 1 2; do
  mirror "$number" http://mirror:5000
  node "$number" "echo '0.0.0.0 registry-1.docker.io quay.io' >>/etc/hosts"
done

# %% hub-twin
for name in hello-world busybox; do publish "$name" 5001 "library/$name"; done

# %% cache-twin
wait_http 5000
node 2 'docker image prune -a -f'

# %% answer-10-1
for number in 1 2; do mirror "$number" http://node1:5000; done

# %% answer-10-2
node 2 'docker image pull nginx; docker container logs hub'

# %% answer-10-3
node 2 'docker container start hub'
answers 5001
docker container start cache
wait_http 5000
node 2 "printf 'FROM nginx\nLABEL release=2\n' | docker image build -t 127.0.0.1:5001/library/nginx -"
node 2 'docker image push 127.0.0.1:5001/library/nginx; docker container stop -t 1 hub; docker image pull nginx'

# %% refused-twin
request POST 5000 /v2/library/mine/blobs/uploads/
request DELETE 5000 "/v2/library/nginx/manifests/$(head_digest 5000 library/nginx latest)"

# %% answer-10-4
answers 5001
docker image pull 127.0.0.1:5000/library/hello-world

# %% answer-10-5
layer=$(cached 5000 manifests/latest | tr -d ' \n' | sed 's/.*"layers".*"digest":"\(sha256:[0-9a-f]*\)".*/\1/')
cached 5000 "blobs/$layer" >/dev/null
dates=$(docker container inspect --format '{{(index .Mounts 0).Source}}' cache)/scheduler-state.json
until node 1 "grep -s $layer $dates" >/dev/null; do sleep 0.05; done
docker container stop -t 1 cache
node 1 "sed -i 's/20[0-9][0-9]-/2020-/g' $dates"
docker container start cache
wait_http 5000
# Not -q: what it leaves unread would end `docker logs`, and with pipefail the pipe.
until docker container logs cache 2>&1 | grep "Deleting.*${layer#*:}" >/dev/null; do sleep 0.05; done
node 2 'docker container stop -t 1 hub'
cached 5000 manifests/latest
request GET 5000 "/v2/library/busybox/blobs/$layer"

# %% private
node 2 'docker container start hub'
answers 5001
put 2 /srv/passwords/htpasswd <<'LINE'
ada:$2b$04$sdtnqZt4ZRuyHFFN2hHFz.CRK/ZWdx5ggAru7EnO0eqKXkmM3/QCO
LINE
put 2 /srv/door/default.conf <<'CONFIG'
map $http_authorization $token {
  default ""; "Basic YWRhOmxvdmVsYWNl" ada-token; "Basic cm9ib3Q6dGluLW1hbg==" robot-token;
}
map "$http_authorization $uri" $may {
  default 0; "~^Bearer [a-z]+-token /v2/$" 1; "~^Bearer [a-z]+-token /v2/library/" 1; "~^Bearer ada-token /v2/" 1;
}
server {
  listen 5003;
  location = /token { default_type application/json; return 200 '{"token": "$token"}'; }
  location /v2/ {
    if ($may = 0) {
      add_header WWW-Authenticate 'Bearer realm="http://$http_host/token",service="hub"' always;
      return 401;
    }
    proxy_set_header Host $http_host;
    proxy_pass http://127.0.0.1:5002;
  }
}
CONFIG
node 2 'docker container run --name vault -d -p 127.0.0.1:5002:5000 registry:2
docker container run --name door -d --network host -v /srv/door:/etc/nginx/conf.d:ro nginx
docker container run --name passwords -d -p 5000:5000 -v /srv/passwords:/auth:ro --volumes-from vault \
  -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=hub -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2'
for port in 5002 5003 5000; do answers "$port"; done
publish hello-world 5002 library/hello-world
publish busybox 5002 team/plans

# %% members
# members PORT [LOGIN]: the configuration file
members() {
  echo "{version: 0.1, storage: {filesystem: {rootdirectory: /var/lib/registry}}, http: {addr: ':5003'},
    proxy: {remoteurl: 'http://node2:$1'$2}}" | put 1 /srv/members/config.yml
}
members 5000 ', username: ada, password: lovelace'
docker container run --name members -d --network host -v /srv/members:/etc/docker/registry:ro registry:2
wait_http 5003
request GET 5003 /v2/team/plans/manifests/latest
docker container rm -f members
members 5003 ', username: ada, password: lovelace'

# %% members-twin
wait_http 5003
get 5003 /v2/team/plans/manifests/latest
members 5003
docker container restart -t 1 members
wait_http 5003
get 5003 /v2/team/plans/manifests/latest

# %% answer-10-6
node 2 "printf 'FROM 127.0.0.1:5001/library/busybox\nRUN echo $RANDOM$RANDOM >/drawn\n' | docker image build -t 127.0.0.1:5001/library/shop -"
node 2 'docker image push 127.0.0.1:5001/library/shop'
for number in 1 2; do node "$number" 'docker image prune -a -f'; done
docker container run --name shop-cache -d --network host -e REGISTRY_PROXY_REMOTEURL=http://node2:5001 \
  -e REGISTRY_HTTP_ADDR=:5001 registry:2
wait_http 5001
for number in 1 2; do mirror "$number" http://node1:5001; done
docker image pull shop

# %% answer-10-7
docker container rm -f members
echo "{version: 0.1, storage: {filesystem: {rootdirectory: /var/lib/registry}}, http: {addr: ':5002'},
  proxy: {remoteurl: 'http://node2:5003', username: robot, password: tin-man}}" | put 1 /srv/public/config.yml
docker container run --name public -d --network host -v /srv/public:/etc/docker/registry:ro registry:2
wait_http 5002
get 5002 /v2/library/hello-world/manifests/latest
