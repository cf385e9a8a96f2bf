# What lesson 7 does beside its blocks, for `labs bench`: the waits above all, for tasks, for a node that is missed,
# for one that comes back. Ports of other nodes are asked from inside them. labs/bench/lesson_commands.py tells the form.
# Counted: three nodes are switched off and on here, and each of the five once more for exercise 7.8.

# %% open
# asks NUMBER PORT PATH: the body, from inside a node
asks() { node "$1" "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$2; printf \"GET $3 HTTP/1.0\r\n\r\n\" >&3; cat <&3'"; }

# run_registry OPTION...: again, published as before
run_registry() {
  until_gone registry
  docker service create --name registry --publish 5000:5000 "$@" registry:2
}

# home: the number of the node that is to run the registry; for a moment there may be none
home() {
  local number
  until number=$(docker service ps registry --filter desired-state=running --format '{{.Node}}' | tr -dc '0-9\n' | grep -m 1 .); do
    sleep 0.2
  done
  echo "$number"
}

# upload: open one, send bytes to it
upload() {
  local place
  place=$(request POST 5000 /v2/hello-world/blobs/uploads/ | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  exec 3<>"/dev/tcp/127.0.0.1/$PORT_5000"
  printf 'PATCH /%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nsome bytes' "${place#*//*/}" >&3
  cat <&3 >/dev/null
  exec 3>&- 3<&-
}

# lose NUMBER PORT: switch it off, ask the others until they answer and the swarm has given it up, switch it on
lose() {
  local other
  off "$1"
  for other in 1 2 3 4 5; do
    [ "$other" != "$1" ] || continue
    until asks "$other" "$2" /v2/_catalog | grep -q hello-world; do sleep 0.2; done
  done
  until_given_up "$1" $(($1 % 5 + 1))
  on "$1"
}

# %% registry-twin
for number in 1 2 3 4 5; do asks "$number" 5000 /v2/_catalog; done

# %% answer-7-1
node 3 'docker image pull 127.0.0.1:5000/hello-world'

# %% nginx-twin
until_running nginx 5

# %% answer-7-2
docker image pull httpd:2
docker image tag httpd:2 127.0.0.1:5000/pages
docker image push 127.0.0.1:5000/pages
docker service create --name pages --publish 8080:80 --replicas 5 127.0.0.1:5000/pages
until_running pages 5

# %% own
printf 'FROM nginx\nLABEL made.on="node 1"\n' >Dockerfile

# %% own-twin
until_running own 5

# %% answer-7-4
docker image tag own 127.0.0.1:5000/own
docker image push 127.0.0.1:5000/own
docker service update --image 127.0.0.1:5000/own own
until_running own 5

# %% lose
for name in nginx pages own; do until_gone "$name"; done
run_registry --constraint node.hostname!=node1
docker image push 127.0.0.1:5000/hello-world
lost=$(home)
off "$lost"
until [ "$(home)" != "$lost" ]; do sleep 0.2; done
until_running registry 1
wait_http 5000
on "$lost"

# %% volume
until_gone registry

# %% volume-twin
docker image push 127.0.0.1:5000/hello-world
off 2
until docker service ps --no-trunc registry | grep -q 'no suitable node'; do sleep 0.2; done
on 2
until_running registry 1
wait_http 5000

# %% answer-7-6
run_registry --constraint node.hostname==node3 --mount type=volume,source=kept,target=/var/lib/registry
until_running registry 1
docker image push 127.0.0.1:5000/hello-world

# %% store
start_store
# config [SECRET] [FOLDER]: the configuration file
config() {
  echo "{version: 0.1, http: {addr: ':5000'${1:+, secret: $1}}, storage: {redirect: {disable: true}, s3: {
    regionendpoint: 'http://$STORE:8080', region: us-east-1, bucket: registry, accesskey: 'course:registry',
    secretkey: bench${2:+, rootdirectory: $2}}}}"
}
config | docker secret create first.yml -
until_gone registry
docker service create --name registry --publish 5000:5000 --replicas 2 --secret first.yml registry:2 /run/secrets/first.yml
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do upload; done

# %% survive
until_gone registry
config same >registry.yml

# %% survive-twin
until_running registry 2
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do upload; done
docker image push 127.0.0.1:5000/hello-world
lose "$(home)" 5000
until_whole

# %% answer-7-8
config same /depot | docker secret create depot.yml -
docker service create --name depot --publish 5001:5000 --replicas 2 --secret depot.yml registry:2 /run/secrets/depot.yml
docker image tag hello-world 127.0.0.1:5001/hello-world
docker image push 127.0.0.1:5001/hello-world

# %% check-7-8
for number in 2 3 4 5; do
  lose "$number" 5001
  until_whole
done
lose 1 5001
# The engine that `docker` spoke to has another port now: another node says when all are back.
until [ "$(ready_of 2)" = 5 ]; do sleep 0.2; done
for port in 5000 5001; do until asks 1 "$port" /v2/ | grep -q '^HTTP/1'; do sleep 0.2; done; done
