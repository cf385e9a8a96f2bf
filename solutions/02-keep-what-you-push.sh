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

push_own() { # REPOSITORY
  printf 'FROM hello-world\nLABEL drawn=%s\n' "$RANDOM$RANDOM" | docker image build -t "127.0.0.1:5000/$1" -
  docker image push "127.0.0.1:5000/$1"
  docker image remove "127.0.0.1:5000/$1"
}

# %% fill saved-twin
$(docker volume ls --quiet --filter dangling=true | head -n 1)

# %% saved-twin
catalog

# %% answer-2-2
run_registry -v /srv/shelf:/var/lib/registry
push_hello

# %% see-explain
docker container cp registry:/var/lib/registry - >tree.tar

# %% twice
push_hello team/hello
docker container cp registry:/var/lib/registry - >tree.tar

# %% digest
digest=$(head_digest 5000 hello-world latest)
push_own drawn

# %% answer-2-4
head_digest 5000 drawn latest

# %% answer-2-5
run_registry -v keep:/var/lib/registry
push_hello
run_registry -v keep:/var/lib/registry

# %% break
run_registry -v /srv/misspelled:/var/lib/registery
push_own lost
push_own team/ledger
echo "{\"lost\": \"$(head_digest 5000 lost latest)\", \"team/ledger\": \"$(head_digest 5000 team/ledger latest)\"}" |
  put 1 /srv/pushed-once.json
catalog
docker container inspect --format '{{json .Mounts}}' registry

# %% answer-2-6
mounts='{{range .Mounts}}{{if eq .Destination "/var/lib/registry"}}{{.Name}}{{end}}{{end}}'
written=$(docker container inspect --format "$mounts" registry)
docker container run --rm -v "$written:/from:ro" -v rescued:/to busybox cp -a /from/. /to
run_registry -v rescued:/var/lib/registry
