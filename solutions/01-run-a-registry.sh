# What lesson 1 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% catalog
get 5000 /v2/hello-world/tags/list

# %% pull-back
docker image pull 127.0.0.1:5000/hello-world
digest=$(head_digest 5000 hello-world latest)

# %% fill back-twin
${digest#sha256:}

# %% break-silent
docker image tag 127.0.0.1:5000/hello-world 127.0.0.1:5999/hello-world
docker image push 127.0.0.1:5999/hello-world # fails

# %% break-loud
docker image push 127.0.0.1:5999/hello-world # fails
docker image remove 127.0.0.1:5999/hello-world

# %% answer-1-1
docker container run --name shelf -d -p 5001:5000 registry:2

# %% answer-1-2
docker image pull busybox
docker image tag busybox 127.0.0.1:5001/tools/busybox:1.37
docker image push 127.0.0.1:5001/tools/busybox:1.37

# %% answer-1-3
digest=$(head_digest 5001 tools/busybox 1.37)
docker image remove busybox 127.0.0.1:5001/tools/busybox:1.37
docker image pull "127.0.0.1:5001/tools/busybox@$digest"
