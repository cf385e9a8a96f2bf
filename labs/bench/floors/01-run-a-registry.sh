# The floor of lesson 1: its docker commands and requests, one for each step of the notebook.
{ docker container rm -f registry 2>/dev/null || true; }
docker container run --name registry -d -p 5000:5000 registry:2
wait_http "$PORT_5000"
docker container ls

docker image pull hello-world
docker container run --rm hello-world
docker image tag hello-world 127.0.0.1:5000/hello-world
docker image ls
docker image push 127.0.0.1:5000/hello-world
get "$PORT_5000" /v2/_catalog
get "$PORT_5000" /v2/hello-world/tags/list

docker image remove hello-world 127.0.0.1:5000/hello-world
docker image ls
docker image pull 127.0.0.1:5000/hello-world:latest
docker container run --rm 127.0.0.1:5000/hello-world

docker image tag 127.0.0.1:5000/hello-world 127.0.0.1:5999/hello-world
for _ in silent loud; do
  ! docker image push 127.0.0.1:5999/hello-world 2>/dev/null
done
docker image remove 127.0.0.1:5999/hello-world

docker container kill registry
docker container rm registry
docker container ls --all

# Exercises 1.1 to 1.3
{ docker container rm -f shelf 2>/dev/null || true; }
docker container run --name shelf -d -p 5001:5000 registry:2
wait_http "$PORT_5001"
docker image pull busybox
docker image tag busybox 127.0.0.1:5001/tools/busybox:1.37
docker image push 127.0.0.1:5001/tools/busybox:1.37
digest=$(head_digest "$PORT_5001" tools/busybox 1.37)
docker image remove busybox 127.0.0.1:5001/tools/busybox:1.37
docker image pull "127.0.0.1:5001/tools/busybox@$digest"
