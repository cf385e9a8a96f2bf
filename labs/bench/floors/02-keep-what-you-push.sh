# The floor of lesson 2: its docker commands and requests, one for each step of the notebook.
# What the notebook asks the node's file system is asked through the registry's container: the shell is not in the node.
run_registry() {
  docker container rm -f registry 2>/dev/null || true
  docker container run --name registry -d -p 5000:5000 "$@" registry:2
  wait_http "$PORT_5000"
}

push_hello() {
  docker image pull hello-world
  docker image tag hello-world "127.0.0.1:5000/${1:-hello-world}"
  docker image push "127.0.0.1:5000/${1:-hello-world}"
}

catalog() { get "$PORT_5000" /v2/_catalog; }

docker volume ls
run_registry
push_hello
catalog
run_registry
catalog
docker volume ls

run_registry -v /srv/registry-data:/var/lib/registry
push_hello
run_registry -v /srv/registry-data:/var/lib/registry
catalog
docker container cp registry:/var/lib/registry - >tree.tar
digest=$(head_digest "$PORT_5000" hello-world latest)
digits=${digest#sha256:}
blobs=docker/registry/v2/blobs
docker container cp "registry:/var/lib/registry/$blobs/sha256/${digits%"${digits#??}"}/$digits/data" - |
  tar -xO | sha256sum | grep -q "^$digits"
push_hello team/hello
catalog

docker container rm -f registry
docker volume ls --filter name=registry-data
run_registry -v registry-data:/var/lib/registry
push_hello
run_registry -v registry-data:/var/lib/registry
catalog
docker volume ls --filter name=registry-data

run_registry -v /srv/misspelled:/var/lib/registery
push_hello
catalog
docker container inspect --format '{{json .Mounts}}' registry

# Exercises 2.1 to 2.3
run_registry -v /srv/shelf:/var/lib/registry
push_hello
run_registry -v keep:/var/lib/registry
push_hello
run_registry -v keep:/var/lib/registry
printf 'FROM hello-world\nLABEL drawn=%s\n' "$RANDOM$RANDOM" | docker image build -t 127.0.0.1:5000/drawn -
docker image push 127.0.0.1:5000/drawn
head_digest "$PORT_5000" drawn latest
