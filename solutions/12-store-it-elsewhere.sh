# What lesson 12 does beside its blocks, for `labs bench`: the store, answers, the measured table, the move.
# labs/bench/lesson_commands.py tells the form.
# Counted: the images of the archive are three of docker's own, copied by a pull and a push; no build server runs.

# %% open
start_store
at=(-e REGISTRY_STORAGE=s3 -e REGISTRY_STORAGE_S3_REGION=us-east-1 -e REGISTRY_STORAGE_S3_BUCKET=registry
  -e REGISTRY_STORAGE_S3_ACCESSKEY=course:registry)
s3=("${at[@]}" -e "REGISTRY_STORAGE_S3_REGIONENDPOINT=http://$STORE:8080" -e REGISTRY_STORAGE_S3_SECRETKEY=bench)
swift=(-e REGISTRY_STORAGE=swift -e "REGISTRY_STORAGE_SWIFT_AUTHURL=http://$STORE:8080/auth/v1.0"
  -e REGISTRY_STORAGE_SWIFT_USERNAME=course:registry -e REGISTRY_STORAGE_SWIFT_PASSWORD=bench
  -e REGISTRY_STORAGE_SWIFT_CONTAINER=swift)
direct=(-e REGISTRY_STORAGE_REDIRECT_DISABLE=true)

# registry NAME PORT OPTION...: again, with other settings
registry() {
  docker container rm -f "$1" 2>/dev/null || true
  docker container run --name "$1" -d -p "$2:5000" "${@:3}" registry:2
}

# root FOLDER: the option for a root directory in the bucket
root() { echo "-eREGISTRY_STORAGE_S3_ROOTDIRECTORY=/$1"; }

# push_to PORT REFERENCE [IMAGE]: hello-world, or another image
push_to() {
  docker image pull "${3:-hello-world}"
  docker image tag "${3:-hello-world}" "127.0.0.1:$1/$2"
  docker image push "127.0.0.1:$1/$2"
}

# %% fill s3-twin
http://$STORE:8080
registry
course:registry
bench

# %% s3-twin
docker container inspect registry | grep -q bench

# %% fill swift-twin
http://$STORE:8080
course:registry
bench

# %% redirect
registry registry 5000 "${s3[@]}" "$(root hidden)"
docker image push 127.0.0.1:5000/hello-world

# %% fill redirect-twin
$STORE
"${at[@]}" -e REGISTRY_STORAGE_S3_SECRETKEY=bench "$(root hidden)"

# %% answer-12-3
registry registry 5000 --add-host "hidden.store:$STORE" "${at[@]}" -e REGISTRY_STORAGE_S3_SECRETKEY=bench \
  -e REGISTRY_STORAGE_S3_REGIONENDPOINT=http://hidden.store:8080 "$(root hidden)" "${direct[@]}"
docker image pull 127.0.0.1:5000/hello-world

# %% wrong
registry try 5004 "${s3[@]}" -e REGISTRY_STORAGE_S3_SECRETKEY=wrong
curl http://127.0.0.1:5004/v2/_catalog # fails
registry try 5004 "${s3[@]}" -e REGISTRY_STORAGE_S3_REGION=eu-west-1 -e REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL=2s
until ! curl http://127.0.0.1:5004/v2/ 2>/dev/null; do sleep 0.2; done
docker container rm -f try

# %% fill wrong-twin
"${s3[@]}" -e REGISTRY_STORAGE_S3_BUCKET=missing

# %% depot
registry depot 5002 "${s3[@]}" "$(root depot)"
push_to 5002 hello-world
registry depot 5002 "${s3[@]}" -e REGISTRY_STORAGE_S3_BUCKET=registri "$(root depot)"

# %% answer-12-5
registry depot 5002 "${s3[@]}" "$(root depot)"
curl http://127.0.0.1:5002/v2/hello-world/tags/list

# %% speed
head -c 16777216 /dev/urandom >layer
digest=sha256:$(sha256sum layer | cut -c 1-64)
# measured OPTION...: one layer pushed
measured() {
  local place
  registry try 5004 "$@"
  place=$(request POST 5004 /v2/speed/blobs/uploads/ | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  command curl --silent --fail -X PUT -H 'Content-Type: application/octet-stream' --data-binary @layer \
    "http://127.0.0.1:$PORT_5004/${place#*//*/}&digest=$digest"
}
measured
measured -e REGISTRY_STORAGE=inmemory
measured "${s3[@]}" "$(root speed)"
measured "${swift[@]}"
docker container rm -f try

# %% answer-12-6
put 1 /srv/vault/config.yml <<CONFIG
version: 0.1
storage:
  s3:
    regionendpoint: http://$STORE:8080
    region: us-east-1
    bucket: registry
    rootdirectory: /vault
    accesskey: course:registry
    secretkey: bench
http:
  addr: :5000
CONFIG
node 1 'chmod 600 /srv/vault/config.yml'
registry vault 5001 -v /srv/vault/config.yml:/etc/docker/registry/config.yml:ro
push_to 5001 hello-world

# %% archive
registry archive 5003 -v /srv/archive:/var/lib/registry
push_to 5003 team/shop:1
push_to 5003 team/shop:2 busybox
push_to 5003 base/tools:1 busybox

# %% answer-12-7
registry archive 5003 -v /srv/archive:/var/lib/registry \
  -e 'REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}'
registry new 5004 "${s3[@]}" "$(root archive)"
for image in team/shop:1 team/shop:2 base/tools:1; do
  docker image pull "127.0.0.1:5003/$image"
  docker image tag "127.0.0.1:5003/$image" "127.0.0.1:5004/$image"
  docker image push "127.0.0.1:5004/$image"
done
docker container rm -f new
registry archive 5003 "${s3[@]}" "$(root archive)"
