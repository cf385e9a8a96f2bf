# What lesson 16 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
json() { curl -H 'Content-Type: application/json' "$@"; }
json "$HUB/v2/users" -d '{"username": "ada", "password": "ada-password"}'

# %% answer-16-4
json "$HUB/v2/auth/token" -d '{"identifier": "ada", "secret": "ada-password"}' >answer
ADA="Authorization: Bearer $(sed 's/.*"access_token": "\([^"]*\)".*/\1/' answer)"
json -H "$ADA" "$HUB/v2/namespaces/ada/repositories" -d '{"name": "walk", "is_private": false}'
echo ada-password | docker login --username ada --password-stdin hub.lab
docker image tag hello-world hub.lab/ada/walk:before
docker image push hub.lab/ada/walk:before

# %% fill
repositories=/var/lib/docker/volumes/distribution-data/_data/docker/registry/v2/repositories
node 1 "cd $repositories && mkdir shop && for n in \$(seq -w 120); do cp -r ada/hello shop/part-\$n; done"
docker image tag hello-world 127.0.0.1:5001/ada/hello:1
docker image push 127.0.0.1:5001/ada/hello:1
