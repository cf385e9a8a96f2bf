# What lesson 9 does beside its blocks, for `labs bench`: the waits above all, for tasks, for the end of an update, for
# votes and the loss of one. While managers are off everything is asked inside node 2, which stays on.
# labs/bench/lesson_commands.py tells the form.
# Counted: the updates that the checks try are not made.

# %% open
AT=127.0.0.1:5000
PAGE=/usr/share/nginx/html/index.html

# voted NUMBER: whether a node knows of a leader that can be reached
voted() { node "$1" "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'" 2>/dev/null | grep -q 'Leader$'; }

# leader: the number of the node that leads
leader() { docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | awk '$2 == "Leader" { print substr($1, 5) }'; }

# dockerfile VERSION [LINE]
dockerfile() { printf 'FROM nginx\nRUN echo version %s > %s\n%s\n' "$1" "$PAGE" "${2:-}" >Dockerfile; }

docker service create --name registry --publish 5000:5000 --constraint node.hostname==node1 \
  --mount type=volume,source=registry-data,target=/var/lib/registry registry:2
until_running registry 1
for version in 1 2 3; do
  dockerfile "$version" "$([ "$version" != 3 ] || echo 'RUN echo oops > /etc/nginx/conf.d/default.conf')"
  docker image build -t "$AT/site:$version" .
  docker image push "$AT/site:$version"
done

# %% broken-text
until_updated site completed
until_running site 3

# %% exercise-9-3
until_updated site rollback_completed
until_running site 3

# %% answer-9-3
docker image pull httpd:2
docker image tag httpd:2 "$AT/shop:1"
docker image push "$AT/shop:1"
docker service create --name shop --replicas 3 --update-failure-action rollback "$AT/shop:1"
until_running shop 3

# %% drain-twin
until_running site 3

# %% answer-9-5
docker node update --availability drain node3
until_running site 3

# %% leader-text
until_updated site completed
until_running site 3
if [ "$(leader)" = 2 ]; then
  docker node demote node2
  docker node promote node2
  until_whole
fi

# %% leader
first=$(leader)
off "$first"
until voted 2; do sleep 0.2; done

# %% quorum
second=$((4 - first))
off "$second"
while voted 2; do sleep 0.2; done

# %% answer-9-8
on "$second"
until voted 2; do sleep 0.2; done
on "$first"
until_whole
docker service scale site=4
until_running site 4
