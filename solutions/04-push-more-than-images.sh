# What lesson 4 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

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

# artifact REPOSITORY TYPE SUBJECT_FILE SUBJECT_TYPE: a referrer, appended to the list under the fallback tag
artifact() {
  printf '{}' >empty
  printf '%s' "$2" >text
  upload "$1" empty
  upload "$1" text
  printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":%s,"layers":[%s],"subject":%s}' \
    "$OCI.manifest.v1+json" "$2" "$(descriptor application/vnd.oci.empty.v1+json empty)" \
    "$(descriptor text/plain text)" "$(descriptor "$4" "$3")" >artifact
  put_manifest "$1" "$(digest artifact)" "$OCI.manifest.v1+json" artifact
  get 5000 "/v2/$1/referrers/$(digest "$3")"
  append "$1" "$(digest "$3" | tr : -)" "$2"
}

# append REPOSITORY FALLBACK_TAG TYPE: the artifact, to the entries that are there
append() {
  local entry others
  others=$(request GET 5000 "/v2/$1/manifests/$2" "$OCI.index.v1+json" | sed -n 's/.*"manifests":\[\(.*\)\]}$/\1/p')
  entry=$(descriptor "$OCI.manifest.v1+json" artifact)
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' "$OCI.index.v1+json" \
    "${others:+$others,}${entry%\}},\"artifactType\":\"$3\"}" >list
  put_manifest "$1" "$2" "$OCI.index.v1+json" list
}

# put_index REPOSITORY TAG ONE ARCHITECTURE TWO ARCHITECTURE: an index of two manifests that are in files
put_index() {
  local one two
  one=$(descriptor "$OCI.manifest.v1+json" "$3")
  two=$(descriptor "$OCI.manifest.v1+json" "$5")
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s,%s]}' "$OCI.index.v1+json" \
    "${one%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"$4\"}}" \
    "${two%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"$6\"}}" >index
  put_manifest "$1" "$2" "$OCI.index.v1+json" index
}

# two_images REPOSITORY MESSAGE ONE TWO: for this node and for another processor, kept in files
two_images() {
  local own
  echo "$2" >message
  tar -cf layer message
  mount_base "$1"
  upload "$1" layer
  own=$(descriptor "$OCI.layer.v1.tar" layer)
  image "$1" '' "$3" '["cat","/message"]' "$base_layer,$own" "\"$unpacked\",\"$(digest layer)\"" "$machine"
  image "$1" '' "$4" '["cat","/message"]' "$own" "\"$(digest layer)\"" "$other"
}

# %% index
get 5000 /v2/busybox/manifests/latest >base.json
size=$(sed -n 's/.*"size": \([0-9]*\).*/\1/p' base.json | tail -n 1)
base=$(grep -o 'sha256:[0-9a-f]*' base.json | tail -n 1)
get 5000 "/v2/busybox/blobs/$(grep -o 'sha256:[0-9a-f]*' base.json | head -n 1)" >config.json
unpacked=$(sed 's/.*"diff_ids":\["\([^"]*\)".*/\1/' config.json)
machine=$(sed 's/.*"architecture":"\([^"]*\)".*/\1/' config.json)
base_layer="{\"mediaType\":\"$OCI.layer.v1.tar+gzip\",\"digest\":\"$base\",\"size\":$size}"
other=arm64
[ "$machine" = amd64 ] || other=amd64
two_images by-hand 'pushed by hand' here elsewhere
put_index by-hand both here "$machine" elsewhere "$other"
cp index both

# %% answer-4-2
two_images shop/app 'Welcome to the shop' here elsewhere
put_index shop/app 1 here "$other" elsewhere "$machine"
printf '{"%s": "%s", "%s": "%s"}' "$machine" "$(digest here)" "$other" "$(digest elsewhere)" | put 1 /srv/shop-app.json
put_index shop/app 1 here "$machine" elsewhere "$other"

# %% break
get 5000 /v2/by-hand/manifests/both

# %% artifact
artifact busybox application/vnd.example.report base.json "$DOCKER_TYPE"

# %% answer-4-5
artifact busybox application/vnd.example.review base.json "$DOCKER_TYPE"

# %% race
artifact by-hand application/vnd.example.signature both "$OCI.index.v1+json"

# %% answer-4-7
artifact by-hand application/vnd.example.scan both "$OCI.index.v1+json"
