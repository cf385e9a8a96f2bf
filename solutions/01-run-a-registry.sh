# What lesson 1 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% answer-1-1
docker container run --name shelf -d -p 5001:5000 registry:2

# %% push
get 5000 /v2/hello-world/tags/list

# %% answer-1-3
docker image pull busybox
docker image tag busybox 127.0.0.1:5001/tools/busybox:1.37
docker image push 127.0.0.1:5001/tools/busybox:1.37

# %% pull-back
docker image pull 127.0.0.1:5000/hello-world
digest=$(head_digest 5000 hello-world latest)

# %% fill back-twin
${digest#sha256:}

# %% answer-1-5
digest=$(head_digest 5001 tools/busybox 1.37)
docker image remove busybox 127.0.0.1:5001/tools/busybox:1.37
docker image pull "127.0.0.1:5001/tools/busybox@$digest"

# %% break-silent
docker image tag 127.0.0.1:5000/hello-world 127.0.0.1:5999/hello-world
docker image push 127.0.0.1:5999/hello-world # fails

# %% break-last-line
docker image push 127.0.0.1:5999/hello-world # fails
docker image remove 127.0.0.1:5999/hello-world

# %% answer-1-7
docker image pull busybox
docker image pull hello-world
move() { # IMAGE NAME
  docker image tag "$1" "127.0.0.1:5000/$2"
  docker image push "127.0.0.1:5000/$2"
  docker image pull "127.0.0.1:5000/$2"
  docker image tag "127.0.0.1:5000/$2" "127.0.0.1:5001/$2"
  docker image push "127.0.0.1:5001/$2"
}
get 5000 /v2/_catalog
move hello-world team/web:1
move busybox team/web:2
move busybox team/db:1
move hello-world team/0a1b2c3d:old
move hello-world hello-world:latest
echo '{"team/web:1": "hello-world", "team/web:2": "busybox", "team/db:1": "busybox", "team/0a1b2c3d:old": "hello-world"}' |
  put 1 /srv/filled.json
