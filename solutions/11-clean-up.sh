# What lesson 11 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.
# Counted: layers of random bytes, so digests that differ from the lesson's; exercise 11.7 deletes by a list of tags.

# %% open
DOCKER_DATA=(-v registry-data:/var/lib/registry)
OCI=application/vnd.oci.image
node 2 "sed -i '0,/{/s//{\"insecure-registries\": [\"node1:5000\"],/' /etc/docker/daemon.json && kill -HUP \$(cat /run/docker.pid)"

# %% functions
# send METHOD PATH TYPE FILE: a request with a body; the answer's status line and headers are in `answer`
send() {
  exec 3<>"/dev/tcp/127.0.0.1/$PORT_5000"
  printf '%s %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nContent-Type: %s\r\nContent-Length: %s\r\n\r\n' \
    "$1" "$2" "$PORT_5000" "$3" "$(wc -c <"$4")" >&3
  cat "$4" >&3
  tr -d '\r' <&3 >answer
  exec 3>&- 3<&-
  grep -q '^HTTP/1.. 2' answer
}

digest() { echo "sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
location() { sed -n 's|^[Ll]ocation: http://[^/]*||p' answer; }
descriptor() { printf '{"mediaType":"%s","digest":"%s","size":%s}' "$1" "$(digest "$2")" "$(wc -c <"$2")"; }
noise() { head -c "$2" /dev/urandom >"$1"; }
put_manifest() { send PUT "/v2/$1/manifests/$2" "$3" "$4"; }
delete() { request DELETE 5000 "/v2/$1/manifests/$2"; }
collect() { docker exec registry registry garbage-collect "$@" /etc/docker/registry/config.yml; }
sizes() { docker exec registry sh -c 'cd /var/lib/registry/docker/registry/v2 && du -sk blobs repositories'; }

# upload REPOSITORY FILE
upload() {
  : >nothing
  send POST "/v2/$1/blobs/uploads/" text/plain nothing
  send PUT "$(location)&digest=$(digest "$2")" application/octet-stream "$2"
}

# blobs REPOSITORY NAME LAYER...: config and layers; the manifest is in the file NAME
blobs() {
  local repository=$1 name=$2 layers='' each
  shift 2
  printf '{"os":"linux","architecture":"amd64","created":"2026-11-01T09:00:00Z","name":"%s"}' "$name" >"$name.config"
  for each in "$name.config" "$@"; do upload "$repository" "$each"; done
  for each in "$@"; do layers="$layers,$(descriptor "$OCI.layer.v1.tar" "$each")"; done
  printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}' "$OCI.manifest.v1+json" \
    "$(descriptor "$OCI.config.v1+json" "$name.config")" "${layers#,}" >"$name"
}

# image REPOSITORY TAG NAME LAYER...
image() {
  blobs "$1" "${@:3}"
  put_manifest "$1" "${2:-$(digest "$3")}" "$OCI.manifest.v1+json" "$3"
}

# index REPOSITORY TAG NAME IMAGE IMAGE
index() {
  local one two
  one=$(descriptor "$OCI.manifest.v1+json" "$4")
  two=$(descriptor "$OCI.manifest.v1+json" "$5")
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s,%s]}' "$OCI.index.v1+json" \
    "${one%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}" \
    "${two%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}" >"$3"
  put_manifest "$1" "$2" "$OCI.index.v1+json" "$3"
}

# serve OPTION...: again
serve() {
  docker container rm -f registry
  docker container run --name registry -d -p 5000:5000 "${DOCKER_DATA[@]}" "$@" registry:2
}

# %% delete
serve
for each in base app1 app2 app3; do noise $each 3000000; done
image team/app 1 one base app1
image team/app stable one base app1
image team/app 2 two base app2
delete team/app 1

# %% delete-twin
delete team/app 1

# %% digest
sizes
delete team/app "$(digest one)"
noise unfinished 2000000
: >nothing
send POST /v2/team/app/blobs/uploads/ text/plain nothing
send PATCH "$(location)" application/octet-stream unfinished
sizes

# %% answer-11-2
collect
sizes
docker container cp registry:/var/lib/registry - >tree.tar

# %% answer-11-3
image team/app 2 three base app3
image team/app '' amd64 base
image team/app '' arm64 base
index team/app both both amd64 arm64
image team/app '' signed nothing
index team/app "$(digest both | tr : -)" list signed signed
collect
sizes

# %% m-twin
for each in both amd64 signed; do request HEAD 5000 "/v2/team/app/manifests/$(digest $each)"; done

# %% fill break-twin
delete team/box "$(head_digest 5000 team/box 1)"; collect

# %% break
get 5000 /v2/team/box/tags/list

# %% answer-11-4
docker container restart registry
wait_http 5000
docker image push 127.0.0.1:5000/team/box:1
node 2 'docker image pull node1:5000/team/box:1'

# %% during
noise late.layer 3000000
blobs team/app late late.layer
collect
put_manifest team/app late "$OCI.manifest.v1+json" late

# %% during-twin
request POST 5000 /v2/team/app/blobs/uploads/
get 5000 /v2/team/app/manifests/2

# %% leak
serve -e REGISTRY_STORAGE_DELETE_ENABLED=true
noise base 1000000
noise key 10000
for each in 1 2 3 4 5 6 7 8 9 10; do noise "layer$each" 200000; done
image shop/api 2 old base key layer2
for each in 1 2 3; do image shop/api "$each" "api$each" base "layer$each"; done
image shop/api latest api3 base layer3
image shop/api '' first base layer4
image shop/api '' second base layer5
index shop/api both api-both first second
image shop/worker 2 worker2 base layer6
image shop/worker 1 worker1 base key layer7
for each in 7 8 9 10 11 12 13; do
  noise site 100000
  image team/site "build-$each" "site$each" base site
done
for each in latest stable; do image team/site $each site8 base site; done
for each in site7 site8 site9; do image team/site "$(digest $each | tr : -).sig" "$each.signed" nothing; done

# %% answer-11-6
for link in $(docker exec registry find /var/lib/registry/docker/registry/v2/repositories -path '*/revisions/*/link'); do
  repository=${link#*/v2/repositories/}
  repository=${repository%%/_manifests/*}
  each=sha256:$(echo "$link" | grep -o '[0-9a-f]\{64\}')
  if get 5000 "/v2/$repository/manifests/$each" | grep -q "$(digest key)"; then delete "$repository" "$each"; fi
done
collect
serve -e REGISTRY_STORAGE_DELETE_ENABLED=true

# %% answer-11-7
for each in 7 8 9 10 11 12 13; do
  get 5000 "/v2/team/site/manifests/build-$each"
  get 5000 "/v2/team/site/blobs/$(digest "site$each.config")"
done
for each in 7 9 12; do delete team/site "$(digest "site$each")"; done
delete team/site "$(digest site7.signed)"

# %% answer-11-8
put 1 /srv/clean-up.sh <<'SCRIPT'
docker rm -f registry
run='docker run -d --name registry -p 5000:5000 -v registry-data:/var/lib/registry'
$run -e 'REGISTRY_STORAGE_MAINTENANCE={"readonly":{"enabled":true}}' registry:2
docker exec registry registry garbage-collect /etc/docker/registry/config.yml
docker rm -f registry
$run -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
SCRIPT
docker container run -d --name cleaner -v /:/host busybox sh -c 'while sleep 10; do chroot /host sh /srv/clean-up.sh; done'
