# What lesson 3 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
DOCKER_TYPE=application/vnd.docker.distribution.manifest.v2+json
OCI=application/vnd.oci.image

# send METHOD PATH TYPE FILE [HEADER]: a request with a body; prints the answer's status line and headers
send() {
  exec 3<>"/dev/tcp/127.0.0.1/$PORT_5000"
  printf '%s %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nContent-Type: %s\r\nContent-Length: %s\r\n' \
    "$1" "$2" "$PORT_5000" "$3" "$(wc -c <"$4")" >&3
  if [ -n "${5:-}" ]; then printf '%s\r\n' "$5" >&3; fi
  printf '\r\n' >&3
  cat "$4" >&3
  tr -d '\r' <&3 | tee answer | sed '/^$/q'
  exec 3>&- 3<&-
  grep -q '^HTTP/1.. 2' answer
}

digest() { echo "sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
location() { sed -n 's|^[Ll]ocation: http://[^/]*||p' answer; }
descriptor() { printf '{"mediaType":"%s","digest":"%s","size":%s}' "$1" "$(digest "$2")" "$(wc -c <"$2")"; }

# upload REPOSITORY FILE
upload() {
  : >nothing
  send POST "/v2/$1/blobs/uploads/" text/plain nothing
  send PUT "$(location)&digest=$(digest "$2")" application/octet-stream "$2"
}

mount_base() {
  : >nothing
  send POST "/v2/$1/blobs/uploads/?mount=$base&from=busybox" text/plain nothing
}

# put_manifest REPOSITORY TAG TYPE FILE
put_manifest() { send PUT "/v2/$1/manifests/$2" "$3" "$4"; }

# image REPOSITORY TAG FILE COMMAND LAYERS DIFF_IDS ARCHITECTURE: config and manifest, kept in FILE
image() {
  printf '{"os":"linux","architecture":"%s","config":{"Cmd":%s},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$7" "$4" "$6" >"$3.config"
  upload "$1" "$3.config"
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":%s,"layers":[%s]}' \
    "$OCI" "$(descriptor "$OCI.config.v1+json" "$3.config")" "$5" >"$3"
  put_manifest "$1" "${2:-$(digest "$3")}" "$OCI.manifest.v1+json" "$3"
}

# %% ask
drawn=test/$RANDOM
printf 'FROM busybox\nLABEL drawn=%s\n' "$RANDOM" | docker image build -t "127.0.0.1:5000/$drawn:1" -
docker image push "127.0.0.1:5000/$drawn:1"
docker image remove "127.0.0.1:5000/$drawn:1"
get 5000 /v2/

# %% answer-3-1
get 5000 "/v2/_catalog?n=2&last=team/base"

# %% head
get 5000 /v2/busybox/manifests/latest >base.json
size=$(sed -n 's/.*"size": \([0-9]*\).*/\1/p' base.json | tail -n 1)
base=$(grep -o 'sha256:[0-9a-f]*' base.json | tail -n 1)
get 5000 "/v2/busybox/blobs/$(grep -o 'sha256:[0-9a-f]*' base.json | head -n 1)" >config.json
unpacked=$(sed 's/.*"diff_ids":\["\([^"]*\)".*/\1/' config.json)
machine=$(sed 's/.*"architecture":"\([^"]*\)".*/\1/' config.json)
base_layer="{\"mediaType\":\"$OCI.layer.v1.tar+gzip\",\"digest\":\"$base\",\"size\":$size}"

# %% answer-3-2
get 5000 "/v2/$drawn/manifests/1" >drawn.json
get 5000 "/v2/$drawn/blobs/$(grep -o 'sha256:[0-9a-f]*' drawn.json | head -n 1)" | grep -o '"drawn":"[0-9]*"'

# %% answer-3-3
put_manifest busybox stable "$DOCKER_TYPE" base.json

# %% blob
printf 'A blob is any bytes' >any
upload by-hand any

# %% answer-3-4
printf 'I was uploaded by hand' >note
upload notes note

# %% chunks
echo 'pushed by hand' >message
tar -cf layer message
head -c 4096 layer >first
tail -c +4097 layer >second
: >nothing
send POST /v2/by-hand/blobs/uploads/ text/plain nothing
send PATCH "$(location)" application/octet-stream first 'Content-Range: 0-4095'
send PATCH "$(location)" application/octet-stream second "Content-Range: 4096-$(($(wc -c <layer) - 1))"
send PUT "$(location)&digest=$(digest layer)" application/octet-stream nothing
own=$(descriptor "$OCI.layer.v1.tar" layer)

# %% break
send POST /v2/by-hand/blobs/uploads/ text/plain nothing
send PATCH "$(location)" application/octet-stream second
send PATCH "$(location)" application/octet-stream first
send PUT "$(location)&digest=$(digest layer)" application/octet-stream nothing || true

# %% answer-3-5
head -c 9000 /dev/urandom >content
head -c 4000 content >first
tail -c +4001 content >second
send POST /v2/unfinished/blobs/uploads/ text/plain nothing
upload=$(location | sed 's|.*/uploads/\([^?]*\).*|\1|')
send PATCH "$(location)" application/octet-stream first
printf '{"digest": "%s", "size": "9000", "upload": "%s", "sent": "4000"}' "$(digest content)" "$upload" |
  put 1 /srv/half-upload.json
send PATCH "$(location)" application/octet-stream second
send PUT "$(location)&digest=$(digest content)" application/octet-stream nothing

# %% mount
mount_base by-hand
image by-hand 1 image '["cat","/message"]' "$base_layer,$own" "\"$unpacked\",\"$(digest layer)\"" "$machine"
docker image pull 127.0.0.1:5000/by-hand:1

# %% answer-3-7
mount_base mine/shout
image mine/shout 1 shout '["echo","I speak the API"]' "$base_layer" "\"$unpacked\"" "$machine"
docker image pull 127.0.0.1:5000/mine/shout:1
docker container run --rm 127.0.0.1:5000/mine/shout:1
