# What lesson 13 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
json() { curl -H 'Content-Type: application/json' "$@"; }
for each in ada linus grace robot; do
  json "$HUB/v2/users" -d "{\"username\": \"$each\", \"password\": \"$each-password\"}"
done

# field NAME: of the JSON that is piped into it
field() { sed "s/.*\"$1\": \"\([^\"]*\)\".*/\1/"; }
# session NAME: the header with which an account calls the API
session() {
  echo "Authorization: Bearer $(json "$HUB/v2/auth/token" -d "{\"identifier\": \"$1\", \"secret\": \"$1-password\"}" | field access_token)"
}
# token SCOPE [LOGIN]: the header with a token of the registry
token() {
  echo "Authorization: Bearer $(curl ${2:+-u "$2"} "$HUB/auth/token?service=registry&scope=repository:$1" | field token)"
}
one() { echo "$HUB/v2/namespaces/${1%/*}/repositories/${1#*/}"; }
# until_there REPOSITORY TAG: until the API knows what was pushed
until_there() { until curl -H "$ADA" "$(one "$1")/tags/$2" 2>/dev/null; do sleep 0.05; done; }
# team ORGANIZATION NAME MEMBER REPOSITORY PERMISSION
team() {
  local groups=$HUB/v2/orgs/$1/groups id
  json -H "$ADA" "$groups" -d "{\"name\": \"$2\"}"
  json -H "$ADA" "$groups/$2/members" -d "{\"member\": \"$3\"}"
  id=$(curl -H "$ADA" "$groups/$2" | sed 's/.*"id": \([0-9]*\).*/\1/')
  json -H "$ADA" "$HUB/v2/repositories/$4/groups" -d "{\"group_id\": $id, \"permission\": \"$5\"}"
}
# status ARGUMENT...: of an answer that may refuse
status() { command curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
ADA=$(session ada) LINUS=$(session linus) ROBOT=$(session robot)

# %% push-twin
until_there ada/hello 1

# %% challenge
node 2 'docker image pull hub.lab/ada/hello:1'
status "$HUB/v2/"
status "$HUB/v2/ada/hello/manifests/1"

# %% answer-13-2
token ada/hello:pull,push ada:ada-password

# %% less
[ "$(status -X POST -H "$(token ada/hello:pull,push linus:linus-password)" "$HUB/v2/ada/hello/blobs/uploads/")" = 401 ]
[ "$(status -u eve:wrong "$HUB/auth/token")" = 401 ]

# %% hidden
[ "$(status -H "$LINUS" "$(one ada/plans)")$(status -H "$LINUS" "$(one ada/never)")" = 404404 ]
json -H "$ADA" "$HUB/v2/repositories/ada/plans/collaborators" -d '{"user": "linus"}'
node 2 'docker image pull hub.lab/ada/plans:1'
curl -X DELETE -H "$ADA" "$HUB/v2/repositories/ada/plans/collaborators/linus"

# %% fill teams-twin
1

# %% teams-twin
json -H "$ADA" "$HUB/v2/repositories/acme/site/groups" -d '{"group_id": 1, "permission": "write"}'
node 2 'docker image push hub.lab/acme/site:2'

# %% fill access-token-twin
field token <made | put 2 /srv/secret
$(cat /srv/secret)

# %% answer-13-5
program=$(json "$HUB/v2/auth/token" -d "{\"identifier\": \"linus\", \"secret\": \"$(field token <made)\"}" | field access_token)
for path in access-tokens orgs; do [ "$(status -X POST -H "Authorization: Bearer $program" "$HUB/v2/$path")" != 201 ]; done
[ "$(status -X DELETE -H "Authorization: Bearer $program" "$(one acme/site)")" = 403 ]

# %% revoke
fetched=$(token acme/site:pull,push "linus:$(field token <made)")
json -X PATCH -H "$LINUS" "$HUB/v2/access-tokens/$(field uuid <made)" -d '{"is_active": false}'
node 2 'docker image push hub.lab/acme/site:2' # fails
[ "$(status -X POST -H "$fetched" "$HUB/v2/acme/site/blobs/uploads/")" = 202 ]
[ "$(status -H "Authorization: Bearer $program" "$(one acme/site)")" = 401 ]

# %% delete-twin
for tag in 1 old 2; do until_there ada/tools $tag; done
[ "$(status -X DELETE -H "$LINUS" "$(one ada/tools)")$(status -X DELETE -H "$ADA" "$(one ada/tools)/tags/1")" = 404405 ]
digest=$(curl -H "$ADA" "$(one ada/tools)/tags/1" | sed 's/.*"name": "1", "digest": "\(sha256:[0-9a-f]*\)".*/\1/')
owner=$(token ada/tools:pull ada:ada-password)
layer=$(curl -H "$owner" -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "$HUB/v2/ada/tools/manifests/$digest" |
  tr -d ' \n' | sed 's/.*"layers".*"digest":"\(sha256:[0-9a-f]*\)".*/\1/')
curl -X DELETE -H "$ADA" "$(one ada/tools)/images/$digest"
[ "$(status -I -H "$owner" "$HUB/v2/ada/tools/blobs/$layer")" = 200 ]

# %% gone
curl -X DELETE -H "$ADA" "$(one ada/plans)"
docker image push hub.lab/ada/plans:1
until_there ada/plans 1
curl -X DELETE -H "$ADA" "$(one ada/plans)"

# %% answer-13-7
json -H "$ADA" "$HUB/v2/orgs" -d '{"orgname": "studio"}'
for name in site notes; do
  json -H "$ADA" "$HUB/v2/namespaces/studio/repositories" -d "{\"name\": \"$name\", \"is_private\": true}"
  docker image tag hello-world "hub.lab/studio/$name:1"
  docker image push "hub.lab/studio/$name:1"
done
team studio readers linus studio/site read

# %% answer-13-8
team studio robots robot studio/site write
json -H "$ROBOT" "$HUB/v2/access-tokens" -d '{"token_label": "night", "scopes": ["repo:write"]}' | field token | put 2 /srv/robot/token
node 2 'chmod 600 /srv/robot/token
docker login --username robot --password-stdin hub.lab </srv/robot/token
docker image pull hello-world
docker image tag hello-world hub.lab/studio/site:2
docker image push hub.lab/studio/site:2'
