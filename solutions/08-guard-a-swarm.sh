# What lesson 8 does beside its blocks, for `labs bench`: the waits above all, for tasks and for the end of an update.
# labs/bench/lesson_commands.py tells the form.
# Counted: lines of password files are made by a container.

# %% open
AT=registry.lab:5000
PAGE=/usr/share/nginx/html/index.html

# until_member USER PASSWORD: until the registry lets them in
until_member() { until echo "$2" | docker login -u "$1" --password-stdin "$AT" 2>/dev/null; do sleep 0.2; done; }

# dockerfile VERSION
dockerfile() { printf 'FROM nginx\nRUN echo version %s > %s\n' "$1" "$PAGE" >Dockerfile; }

start_store
node 1 "cd /srv && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90 -subj /CN=registry.lab \
  -addext subjectAltName=DNS:registry.lab -keyout lab.key -out lab.crt"
for end in crt key; do node 1 "cat /srv/lab.$end" >lab.$end; done
for number in 1 2 3; do put "$number" "/etc/docker/certs.d/$AT/ca.crt" <lab.crt; done

# %% secrets
docker image pull httpd:2
echo "{version: 0.1, http: {addr: ':5000'}, storage: {redirect: {disable: true}, s3: {
  regionendpoint: 'http://$STORE:8080', region: us-east-1, bucket: registry, accesskey: 'course:registry',
  secretkey: bench}}}" >registry.yml

# %% answer-8-2
echo 'back at ten' | docker config create notice -
docker service create --name notice --config "source=notice,target=$PAGE" nginx
until_running notice 1

# %% registry-twin
until_running registry 1
until_member moby gordon

# %% push
dockerfile 1

# %% auth-text
dockerfile 2
docker image build -t "$AT/site:2" .
docker image push "$AT/site:2"

# %% auth
docker service create --name site --replicas 3 --update-monitor 1s "$AT/site:1"
until docker service ps --no-trunc site | grep -q 'No such image'; do sleep 0.2; done

# %% answer-8-5
docker service update --with-registry-auth --image "$AT/site:1" site
until_updated site completed
until_running site 3

# %% tag-text
for name in pinned floating; do until_running "$name" 1; done

# %% moved
docker image tag "$AT/site:2" "$AT/site:latest"
docker image push "$AT/site:latest"
docker service scale pinned=3 floating=3
for name in pinned floating; do until_running "$name" 3; done

# %% answer-8-7
docker service update --with-registry-auth --image "$AT/site:2" floating
until_updated floating completed
until_running floating 3

# %% answer-8-8
{ echo gordon | htpasswd -niBC 10 moby; echo hopper | htpasswd -niBC 10 grace; } | docker secret create members-2 -
docker service update --secret-rm members --secret-add source=members-2,target=members registry
until_running registry 1
until_member grace hopper
