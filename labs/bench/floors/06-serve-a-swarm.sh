# The floor of lesson 6: its docker commands, one for each step of the notebook, the waits included: for tasks, for a
# node that is missed, for one that comes back. The edge is made as `lab.swarm.publish` makes it where the kernel has
# no IPVS. Other nodes' ports are asked from inside them.
# Counted: three nodes are switched off and on here, and each of the five once more for exercise 6.2.

# run_registry OPTION...
run_registry() {
  until_gone registry
  docker service create -d --name registry --network edge --endpoint-mode dnsrr "$@" registry:2
}

# home: the number of the node that is to run the registry; for a moment there may be none
home() {
  until number=$(docker service ps registry --filter desired-state=running --format '{{.Node}}' | tr -dc '0-9\n' | grep -m 1 .); do
    sleep 0.2
  done
  echo "$number"
}

# upload PORT: open one, send bytes to it
upload() {
  place=$(request POST "$1" /v2/hello-world/blobs/uploads/ | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'PATCH /%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nsome bytes' "${place#*//*/}" >&3
  cat <&3 >/dev/null
  exec 3>&- 3<&-
}

# lose NUMBER PORT: switch it off, ask the others until they answer and the swarm has given it up,
# switch it on
lose() {
  off "$1"
  for other in 1 2 3 4 5; do
    [ "$other" = "$1" ] && continue
    until asks "$other" "$2" /v2/_catalog | grep -q hello-world; do sleep 0.2; done
  done
  until_given_up "$1" $(($1 % 5 + 1))
  on "$1"
}

docker node ls
docker network create -d overlay edge
run_registry
edge 5000 registry 5000
wait_http "$PORT_5000"
for image in hello-world nginx; do
  docker image pull "$image"
  docker image tag "$image" "127.0.0.1:5000/$image"
  docker image push "127.0.0.1:5000/$image"
done
for number in 1 2 3 4 5; do asks "$number" 5000 /v2/_catalog; done
docker service create -d --name nginx --network edge --endpoint-mode dnsrr --replicas 5 127.0.0.1:5000/nginx
until_running nginx 5
edge 80 nginx 80
wait_http "$PORT_80"
docker service logs registry >/dev/null

printf 'FROM nginx\nLABEL made.on="node 1"\n' | docker image build -t own -
docker service create -d --name own --replicas 5 --restart-delay 1s own
until_running own 5
docker image tag own 127.0.0.1:5000/own
docker image push 127.0.0.1:5000/own
docker service update --image 127.0.0.1:5000/own own
until_gone own

run_registry --constraint node.hostname!=node1
wait_http "$PORT_5000"
docker image push 127.0.0.1:5000/hello-world
lost=$(home)
off "$lost"
until [ "$(home)" != "$lost" ]; do sleep 0.2; done
until_running registry 1
wait_http "$PORT_5000"
on "$lost"

run_registry --constraint node.hostname==node2 --mount type=volume,source=registry-data,target=/var/lib/registry
wait_http "$PORT_5000"
docker image push 127.0.0.1:5000/hello-world
off 2
until docker service ps --no-trunc registry | grep -q 'no suitable node'; do sleep 0.2; done
on 2
until_running registry 1
wait_http "$PORT_5000"

start_store
set -- -e REGISTRY_STORAGE=s3 -e "REGISTRY_STORAGE_S3_REGIONENDPOINT=http://$STORE:8080" \
  -e REGISTRY_STORAGE_S3_REGION=us-east-1 -e REGISTRY_STORAGE_S3_BUCKET=registry \
  -e REGISTRY_STORAGE_S3_ACCESSKEY=floor:floor -e REGISTRY_STORAGE_S3_SECRETKEY=floor \
  -e REGISTRY_STORAGE_REDIRECT_DISABLE=true --replicas 2
run_registry "$@" --constraint node.hostname!=node1
wait_http "$PORT_5000"
for _ in 1 2 3 4 5 6; do upload "$PORT_5000"; done
run_registry "$@" --constraint node.hostname!=node1 -e REGISTRY_HTTP_SECRET=same
wait_http "$PORT_5000"
for _ in 1 2 3 4 5 6; do upload "$PORT_5000"; done
docker image push 127.0.0.1:5000/hello-world
lose "$(home)" 5000
until_whole

# Exercises 6.1 and 6.2
docker image pull httpd:2
docker image tag httpd:2 127.0.0.1:5000/pages
docker image push 127.0.0.1:5000/pages
docker service create -d --name pages --network edge --endpoint-mode dnsrr --replicas 5 127.0.0.1:5000/pages
until_running pages 5
edge 8080 pages 80
docker service create -d --name depot --network edge --endpoint-mode dnsrr "$@" \
  -e REGISTRY_STORAGE_S3_ROOTDIRECTORY=/depot -e REGISTRY_HTTP_SECRET=same registry:2
edge 5001 depot 5000
wait_http "$PORT_5001"
docker image tag hello-world 127.0.0.1:5001/hello-world
docker image push 127.0.0.1:5001/hello-world
for number in 2 3 4 5; do
  lose "$number" 5001
  until_whole
done
lose 1 5001
# The engine that `docker` spoke to has another port now: another node says when all are back.
until [ "$(node 2 "docker node ls --format '{{.Status}} {{.ManagerStatus}}'" | grep -cE '^Ready (Leader|Reachable)')" = 5 ]; do sleep 0.2; done
for port in 5000 8080 5001; do until asks 1 "$port" /v2/ | grep -q '^HTTP/1'; do sleep 0.2; done; done
