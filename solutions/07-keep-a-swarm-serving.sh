# What lesson 7 does beside its blocks, for `labs bench`: the waits above all, for tasks, for the end of an update, for
# votes and the loss of one. From the loss of the leader on everything is asked inside the nodes: it may be node 1,
# whose engine has another port afterwards. labs/bench/lesson_commands.py tells the form.
# Counted: lines of password files are made by a container; the updates that the checks try are not made.

# %% open
AT=registry.lab:5000
PAGE=/usr/share/nginx/html/index.html

# until_member USER PASSWORD: until the registry lets them in
until_member() { until echo "$2" | docker login -u "$1" --password-stdin "$AT" 2>/dev/null; do sleep 0.2; done; }

# until_updated SERVICE STATE
until_updated() {
  until [ "$(docker service inspect "$1" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}')" = "$2" ]; do sleep 0.2; done
}

# voted NUMBER: whether a node knows of a leader that can be reached
voted() { node "$1" "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'" 2>/dev/null | grep -q 'Leader$'; }

# until_all NUMBER: until a node knows all five, and that site runs five times
until_all() {
  until [ "$(ready_of "$1")" = 5 ] \
    && [ "$(node "$1" "docker service ls --filter name=site --format '{{.Replicas}}'")" = 5/5 ]; do sleep 0.2; done
}

# dockerfile VERSION [LINE]
dockerfile() { printf 'FROM nginx\nRUN echo version %s > %s\n%s\n' "$1" "$PAGE" "${2:-}" >Dockerfile; }

start_store

# %% certificate
node 1 "cd /srv && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90 -subj /CN=registry.lab \
  -addext subjectAltName=DNS:registry.lab -keyout lab.key -out lab.crt"
for end in crt key; do node 1 "cat /srv/lab.$end" >lab.$end; done
for number in 1 2 3 4 5; do put "$number" "/etc/docker/certs.d/$AT/ca.crt" <lab.crt; done

# %% secrets
docker image pull httpd:2
echo "{version: 0.1, http: {addr: ':5000'}, storage: {redirect: {disable: true}, s3: {
  regionendpoint: 'http://$STORE:8080', region: us-east-1, bucket: registry, accesskey: 'course:registry',
  secretkey: bench}}}" >registry.yml

# %% registry-twin
until_running registry 1
until_member moby gordon

# %% push
dockerfile 1

# %% push-twin
dockerfile 2
docker image build -t "$AT/site:2" .
docker image push "$AT/site:2"
dockerfile 3 'RUN echo oops > /etc/nginx/conf.d/default.conf'
docker image build -t "$AT/site:3" .
docker image push "$AT/site:3"

# %% auth
docker service create --name site --replicas 5 "$AT/site:1"
until docker service ps --no-trunc site | grep -q 'No such image'; do sleep 0.2; done
until_gone site
docker service create --name site --replicas 5 --with-registry-auth "$AT/site:1"
until_running site 5

# %% pin
docker image tag "$AT/site:1" "$AT/site:latest"
docker image push "$AT/site:latest"
docker service create --name pinned --with-registry-auth "$AT/site"
docker service create --name floating --with-registry-auth --no-resolve-image "$AT/site:latest"
for name in pinned floating; do until_running "$name" 1; done

# %% moved
docker image tag "$AT/site:2" "$AT/site:latest"
docker image push "$AT/site:latest"
docker service scale pinned=5 floating=5
for name in pinned floating; do until_running "$name" 5; done

# %% resolve
for name in pinned floating site; do until_gone "$name"; done

# %% resolve-twin
until_running site 5

# %% update-twin
until_updated site rollback_completed
until_running site 5

# %% answer-7-1
{ echo gordon | htpasswd -niBC 10 moby; echo hopper | htpasswd -niBC 10 grace; } | docker secret create members-2 -
docker service update --secret-rm members --secret-add source=members-2,target=members registry
until_running registry 1
until_member grace hopper

# %% answer-7-2
docker image tag httpd:2 "$AT/shop:1"
docker image push "$AT/shop:1"
docker service create --name shop --replicas 5 --with-registry-auth --update-failure-action rollback "$AT/shop:1"
until_running shop 5

# %% drain-twin
until_updated site completed
until_running site 5

# %% leader
leader=$(docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | awk '$2 == "Leader" { print substr($1, 5) }')
other=$((leader % 5 + 1))
off "$leader"
until voted "$other"; do sleep 0.2; done
until_given_up "$leader" "$other"
on "$leader"
until_all "$other"

# %% quorum
for number in 3 4 5; do off "$number"; done
while voted 1; do sleep 0.2; done
until { node 1 "docker service ls" 2>&1 || true; } | grep -q 'does not have a leader'; do sleep 0.2; done

# %% recover
on 3
until voted 1; do sleep 0.2; done
for number in 4 5; do until_given_up "$number" 1; done
on 4
on 5
until_all 1
