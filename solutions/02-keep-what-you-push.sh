# What lesson 2 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
push_hello() {
  docker image pull hello-world
  docker image tag hello-world "127.0.0.1:5000/${1:-hello-world}"
  docker image push "127.0.0.1:5000/${1:-hello-world}"
}

# run_registry OPTION...: again
run_registry() {
  docker container rm -f registry
  docker container run --name registry -d -p 5000:5000 "$@" registry:2
}

catalog() { get 5000 /v2/_catalog; }

# %% lose-twin
catalog

# %% fill saved-twin
$(docker volume ls --quiet --filter dangling=true | head -n 1)

# %% saved-twin
catalog

# %% anonymous
docker volume ls

# %% bind-twin
catalog

# %% see
docker container cp registry:/var/lib/registry - >tree.tar

# %% digest
digest=$(head_digest 5000 hello-world latest)

# %% twice
docker exec registry find /var/lib/registry -type f
push_hello team/hello
docker exec registry find /var/lib/registry -type f
catalog

# %% volume-twin
catalog

# %% break
run_registry -v /srv/misspelled:/var/lib/registery
push_hello
catalog

# %% break-repair
docker container inspect --format '{{json .Mounts}}' registry

# %% answer-2-1
run_registry -v /srv/shelf:/var/lib/registry
push_hello

# %% answer-2-2
run_registry -v keep:/var/lib/registry
push_hello
run_registry -v keep:/var/lib/registry

# %% drawn
printf 'FROM hello-world\nLABEL drawn=%s\n' "$RANDOM$RANDOM" | docker image build -t 127.0.0.1:5000/drawn -
docker image push 127.0.0.1:5000/drawn

# %% answer-2-3
head_digest 5000 drawn latest
