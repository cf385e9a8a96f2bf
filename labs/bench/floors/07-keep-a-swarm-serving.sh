# The floor of lesson 7: its docker commands, one for each step of the notebook, the waits included: for tasks, for the
# end of an update, for votes and the loss of one. What comes after the loss of the leader is asked inside the nodes: it
# may be node 1 itself, whose engine has another port afterwards.
# Counted: two lines of a password file are made by a container; the exercises' updates are not tried.
AT=registry.lab:5000
PAGE=/usr/share/nginx/html/index.html

# until_member USER PASSWORD: until the registry lets them in
until_member() { until echo "$2" | docker login -u "$1" --password-stdin "$AT" 2>/dev/null; do sleep 0.2; done; }

# until_updated SERVICE STATE
until_updated() {
  until [ "$(docker service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')" = "$2" ]; do sleep 0.2; done
}

# hashed USER PASSWORD
hashed() { docker container run --rm httpd:2 htpasswd -Bbn "$1" "$2" | head -n 1; }

# voted NUMBER: whether a node knows of a leader that can be reached
voted() { node "$1" "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'" 2>/dev/null | grep -q 'Leader$'; }

# until_all NUMBER: until a node knows all five, and that site runs five times
until_all() {
  until [ "$(node "$1" "docker node ls --format '{{.Status}} {{.ManagerStatus}}'" | grep -cE '^Ready (Leader|Reachable)')" = 5 ] \
    && [ "$(node "$1" "docker service ls --filter name=site --format '{{.Replicas}}'")" = 5/5 ]; do sleep 0.2; done
}

start_store
node 1 "cd /srv && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90 -subj /CN=registry.lab \
  -addext subjectAltName=DNS:registry.lab -keyout lab.key -out lab.crt"
certificate=$(node 1 "cat /srv/lab.crt")
for number in 1 2 3 4 5; do
  node "$number" "mkdir -p /etc/docker/certs.d/$AT && cat >/etc/docker/certs.d/$AT/ca.crt" <<<"$certificate"
done
docker image pull httpd:2
moby=$(hashed moby gordon)
node 1 "cat /srv/lab.key" | docker secret create registry.key -
docker secret create members - <<<"$moby"
docker config create registry.crt - <<<"$certificate"
docker network create -d overlay edge
docker service create -d --name registry --network edge --endpoint-mode dnsrr \
  --secret registry.key --secret members --config source=registry.crt,target=/registry.crt \
  -e REGISTRY_HTTP_TLS_CERTIFICATE=/registry.crt -e REGISTRY_HTTP_TLS_KEY=/run/secrets/registry.key \
  -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Swarm -e REGISTRY_AUTH_HTPASSWD_PATH=/run/secrets/members \
  -e REGISTRY_STORAGE=s3 -e "REGISTRY_STORAGE_S3_REGIONENDPOINT=http://$STORE:8080" \
  -e REGISTRY_STORAGE_S3_REGION=us-east-1 -e REGISTRY_STORAGE_S3_BUCKET=registry \
  -e REGISTRY_STORAGE_S3_ACCESSKEY=floor:floor -e REGISTRY_STORAGE_S3_SECRETKEY=floor \
  -e REGISTRY_STORAGE_REDIRECT_DISABLE=true registry:2
until_running registry 1
edge 5000 registry 5000
until_member moby gordon

for version in 1 2 3; do
  more=
  [ "$version" != 3 ] || more='RUN echo oops > /etc/nginx/conf.d/default.conf'
  printf 'FROM nginx\nRUN echo version %s > %s\n%s\n' "$version" "$PAGE" "$more" | docker image build -t "$AT/site:$version" -
  docker image push "$AT/site:$version"
done
node 2 "docker image pull $AT/site:1" && exit 1

docker service create -d --name site --replicas 5 "$AT/site:1"
until docker service ps --no-trunc site | grep -q 'No such image'; do sleep 0.2; done
until_gone site
docker service create -d --name site --replicas 5 --with-registry-auth "$AT/site:1"
until_running site 5

docker image tag "$AT/site:1" "$AT/site:latest"
docker image push "$AT/site:latest"
docker service create -d --name pinned --with-registry-auth "$AT/site"
docker service create -d --name floating --with-registry-auth --no-resolve-image "$AT/site:latest"
for name in pinned floating; do until_running "$name" 1; done
docker image tag "$AT/site:2" "$AT/site:latest"
docker image push "$AT/site:latest"
docker service scale -d pinned=5 floating=5
for name in pinned floating; do until_running "$name" 5; done
for name in pinned floating site; do until_gone "$name"; done

docker service create -d --name site --replicas 5 --with-registry-auth --update-parallelism 1 \
  --update-failure-action rollback --update-monitor 1s "$AT/site:1"
until_running site 5
docker service update -d --with-registry-auth --image "$AT/site:2" site
until_updated site completed
docker service update -d --with-registry-auth --image "$AT/site:3" site
until_updated site rollback_completed
until_running site 5

# Exercises 7.1 and 7.2
printf '%s\n%s\n' "$moby" "$(hashed grace hopper)" | docker secret create members-2 -
docker service update -d --secret-rm members --secret-add source=members-2,target=members registry
until_running registry 1
until_member grace hopper
docker image tag httpd:2 "$AT/shop:1"
docker image push "$AT/shop:1"
docker service create -d --name shop --replicas 5 --with-registry-auth --update-failure-action rollback "$AT/shop:1"
until_running shop 5

docker node update --availability drain node2
while docker node ps node2 --filter name=site. --filter desired-state=running --format '{{.Name}}' | grep -q '^site'; do sleep 0.1; done
until_running site 5
docker node update --availability active node2
docker service update -d --force site
until_updated site completed
until_running site 5

leader=$(docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | awk '$2 == "Leader" { print substr($1, 5) }')
other=$((leader % 5 + 1))
off "$leader"
until voted "$other"; do sleep 0.2; done
until_given_up "$leader" "$other"
on "$leader"
until_all "$other"

for number in 3 4 5; do off "$number"; done
while voted 1; do sleep 0.2; done
until { node 1 "docker service ls" 2>&1 || true; } | grep -q 'does not have a leader'; do sleep 0.2; done
on 3
until voted 1; do sleep 0.2; done
for number in 4 5; do until_given_up "$number" 1; done
on 4
on 5
until_all 1
