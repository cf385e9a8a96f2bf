# What lesson 14 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
json() { curl -H 'Content-Type: application/json' "$@"; }
json "$HUB/v2/users" -d '{"username": "ada", "password": "ada-password"}'
session=$(json "$HUB/v2/auth/token" -d '{"identifier": "ada", "secret": "ada-password"}' | sed 's/.*"access_token": "\([^"]*\)".*/\1/')
json -H "Authorization: Bearer $session" "$HUB/v2/orgs" -d '{"orgname": "acme"}'

# git ARGUMENT...: in node 1, in the folder of WORK; after a push, until what it started is built
git() {
  docker container run --rm --network host -e GIT_AUTHOR_NAME=ada -e GIT_COMMITTER_NAME=ada -e EMAIL=ada@hub.lab \
    -e GIT_SSL_CAINFO=/hub.lab/ca.crt -v "/srv/git/$WORK:/git" -v /etc/docker/certs.d/hub.lab:/hub.lab:ro alpine/git "$@"
  [ "$1" != push ] || built "$WORK"
}
# built REPOSITORY: until no build waits or runs
built() { while api GET "/$1/builds" | grep -q '"ended": null'; do sleep 0.1; done; }
# last REPOSITORY: the number of its last build
last() { api GET "/$1/builds" | sed 's/[^[]*\[{"number": \([0-9]*\).*/\1/'; }
# push MESSAGE: all that is in the folder
push() {
  git add --all
  git commit --quiet --allow-empty --message "$1"
  git push --force origin HEAD
}
# start REPOSITORY: another repository with a source, and its folder
start() {
  WORK=$1
  api POST '' "{\"name\": \"$1\"}"
  api PUT "/$1/source" "{\"git_repository\": \"$1\"}"
  git init
  git remote add origin "https://ada:ada-password@hub.lab/git/acme/$1.git"
}
rule() { api POST "/$1/build-rules" "{\"source_type\": \"$2\", \"source\": \"$3\", \"tag\": \"$4\"${5:-}}"; }
file() { put 1 "/srv/git/$WORK/$1"; }
# delivered WEBHOOK NUMBER: until as many of its deliveries have arrived
delivered() { until [ "$(api GET "/app/webhooks/$1/deliveries" | grep -o '"delivered"' | wc -l)" -ge "$2" ]; do sleep 0.1; done; }
WORK=app

# %% link
printf 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY www /www\n' | file Dockerfile
echo '<h1>Hello</h1>' | file www/index.html

# %% answer-14-1
rule app branch main latest
push 'the same page again'

# %% broken
printf 'FROM busybox\nCOPY pages /www\n' | file Dockerfile
push 'another folder'

# %% fill broken-twin
$(last app)
$(last app)
$(built app; last app)

# %% answer-14-2
printf 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY www /www\n' | file Dockerfile
echo '<h1>Welcome</h1>' | file www/index.html
push 'the right folder'

# %% rules
start tools
printf 'FROM busybox\nCMD ["date"]\n' | file Dockerfile
push 'a first tool'

# %% answer-14-3
rule tools tag '/^v([0-9]+)[.]([0-9]+)[.]([0-9]+)$/' '{\\1}.{\\2}.{\\3}, {\\1}.{\\2}, {\\1}'
git push origin HEAD:refs/tags/v1.2.3

# %% answer-14-4
WORK=app
echo 'echo "$SOURCE_COMMIT" >www/version' | file hooks/pre_build
push 'note the commit'

# %% base
start base
rule base branch main latest
printf 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY base.txt /www/\n' | file Dockerfile
echo one | file base.txt
push 'base one'
WORK=app
printf 'FROM hub.lab/acme/base\nCOPY www /www\n' | file Dockerfile
push 'on the base'

# %% chain
WORK=base
echo two | file base.txt
before=$(last app)
push 'base two'
while [ "$(last app)" = "$before" ]; do sleep 0.1; done
built app

# %% answer-14-6
rule tools branch main nightly ', "autobuild": false'
WORK=tools
push 'a push that builds nothing'

# %% trigger-twin
built tools

# %% webhook
put 2 /srv/receiver/hook <<'HOOK'
cat >new && mv new body
echo "$HTTP_X_HUB_TIMESTAMP $HTTP_X_HUB_SIGNATURE_256" >new && mv new headers
printf 'Status: 202 Accepted\n\nstored\n'
HOOK
put 2 /srv/receiver/deploy <<'DEPLOY'
exec 9>lock
flock 9
docker pull --quiet hub.lab/acme/app
docker rm --force app
docker run --detach --name app --publish 8080:80 hub.lab/acme/app
DEPLOY
put 2 /srv/receiver/cgi-bin/hook <<'CGI'
#!/bin/sh
exec chroot /host sh -c 'cd /srv/receiver && exec sh hook'
CGI
node 2 'chmod 755 /srv/receiver/cgi-bin/hook
docker container run --name receiver -d --network host -v /:/host busybox httpd -f -p 8081 -h /host/srv/receiver'

# %% fill webhook-twin
$(sed 's/.*"id": \([0-9]*\).*/\1/' <made)

# %% answer-14-7
sed 's/.*"secret": "\([0-9a-f]*\)".*/\1/' <made | put 2 /srv/receiver/secret
hook=$(sed 's/.*"id": \([0-9]*\).*/\1/' <made)
api POST /app/builds '{}'
delivered "$hook" 1
node 2 'cd /srv/receiver; read -r time given <headers
mac=$(printf "%s.%s" "$time" "$(cat body)" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)
[ "$given" = "sha256=$mac" ]'

# %% fill again-twin
$hook
1

# %% again-twin
delivered "$hook" 2

# %% answer-14-8
put 2 /srv/receiver/hook <<'HOOK'
body=$(cat) time=$HTTP_X_HUB_TIMESTAMP
mac=$(printf '%s' "$time.$body" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)
if [ "$HTTP_X_HUB_SIGNATURE_256" != "sha256=$mac" ] || [ $(($(date +%s) - time)) -gt 300 ]; then
    printf 'Status: 403 Forbidden\n\n'
    exit
fi
printf 'Status: 202 Accepted\n\n'
sh deploy >log 2>&1 &
HOOK
