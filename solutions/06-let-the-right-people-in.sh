# What lesson 6 does beside its blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.

# %% open
MOBY=bW9ieTpnb3Jkb24= ADA=YWRhOmxvdmVsYWNl
# What Python's bcrypt makes in the notebook without Docker: here it is made already.
BARBARA='barbara:$2b$10$sCEAqBtpQ8mEjCOTSRYzROGVUsdNROfQgGu39iBhKM8qpvOy//Sr6'
GRACE='grace:$2b$10$wUMSNAw50IjqZGqOV1q9F..veAP4NEsczIj1PTW68aIe4g7ZoGPc6'
ADAS='ada:$2b$10$uLQe9oGsjyGUQDZbj3IAIOXn2KKnwJ7fbJxPmKi/wGUFFKZDyIjmy'
LINUS='linus:$2b$10$8AONLaqGXRxz5Hs3en4SLO6H8YZ1r67FjlUWjD9wHGGUJXKSs.ha.'

# knock PORT [CREDENTIALS]: the status of GET /v2/
knock() {
  local port=PORT_$1
  exec 3<>"/dev/tcp/127.0.0.1/${!port}"
  printf 'GET /v2/ HTTP/1.0\r\nHost: 127.0.0.1\r\n%s\r\n' "${2:+Authorization: Basic $2$'\r\n'}" >&3
  sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' <&3
  exec 3>&- 3<&-
}

# restart_engine SETTING: node 2's, with this in daemon.json beside its mirror
restart_engine() {
  echo "{\"registry-mirrors\": [\"http://mirror:5000\"]$1}" | put 2 /etc/docker/daemon.json
  block 2 restart_engine
}

# proxy NAME REGISTRY_PORT CREDENTIALS: its configuration
proxy() {
  echo "server { listen 8080; location /v2/ {
  limit_except GET HEAD { deny all; }
  proxy_set_header Host \$http_host;
  proxy_set_header Authorization \"Basic $3\";
  proxy_pass http://127.0.0.1:$2;
} }" | put 1 "/srv/$1/default.conf"
}

# log_in NODE USER PASSWORD HOST: by docker inside the node, whose file it changes
log_in() { node "$1" "echo $3 | docker login --username $2 --password-stdin $4"; }

for number in 1 2; do node "$number" 'rm -rf /srv/auth /srv/team /srv/readers /root/.docker'; done

# %% ways
moby=$(echo gordon | docker container run -i --rm httpd:2 htpasswd -niBC 10 moby)
edsger=edsger:$(node 1 'echo dijkstra | perl -ne "chomp; print crypt(\$_, q(\$2b\$10\$) . substr(\`openssl rand -hex 16\`, 0, 22))"')

# %% answer-6-2
echo "$ADAS" | put 1 /srv/team/htpasswd

# %% run
dennis=dennis:$(node 1 'echo ritchie | openssl passwd -6 -stdin')
printf '%s\n' "$moby" "$BARBARA" "$edsger" "$dennis" | put 1 /srv/auth/htpasswd

# %% stranger
[ "$(knock 5000)" = 401 ]
[ "$(knock 5000 "$MOBY")" = 200 ]
docker image pull hello-world
docker image tag hello-world 127.0.0.1:5000/hello-world
docker image push 127.0.0.1:5000/hello-world # fails

# %% answer-6-3
printf '%s\n' "$ADAS" "$GRACE" | put 1 /srv/team/htpasswd
docker container run --name team -d -p 5001:5000 -v /srv/team:/auth:ro -e REGISTRY_AUTH=htpasswd \
  -e "REGISTRY_AUTH_HTPASSWD_REALM=Team registry" -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2
[ "$(knock 5001 "$ADA")" = 200 ]

# %% login
log_in 1 moby gordon 127.0.0.1:5000
node 1 'cat /root/.docker/config.json'
echo '{"credsStore": "desktop"}' | put 1 /root/elsewhere/config.json
node 1 'echo gordon | DOCKER_CONFIG=/root/elsewhere docker login -u moby --password-stdin 127.0.0.1:5000' # fails

# %% break
docker image tag hello-world localhost:5000/hello-world
docker image push localhost:5000/hello-world # fails
log_in 2 moby gordon registry.lab:5000 # fails
log_in 1 moby gordno 127.0.0.1:5000 # fails
echo gordno | docker login --username moby --password-stdin 127.0.0.1:5000 # fails

# %% listen
node 1 'socat -v TCP-LISTEN:5002,fork,reuseaddr TCP:127.0.0.1:5000 >/dev/null 2>/tmp/heard & echo $! >/run/listener.pid'
restart_engine ', "insecure-registries": ["registry.lab:5002"]'
log_in 2 moby gordon registry.lab:5002
restart_engine ''
node 1 'kill $(cat /run/listener.pid); grep -ao "Authorization: Basic.*" /tmp/heard'

# %% answer-6-5
printf '%s\n' "$ADAS" "$LINUS" | put 1 /srv/team/htpasswd
[ "$(knock 5001 "$ADA")" = 200 ]

# %% proxy
echo "map \$request_method \$login { GET \"Basic $MOBY\"; HEAD \"Basic $MOBY\"; default \$http_authorization; }
server { listen 8080; client_max_body_size 0; location /v2/ {
  proxy_set_header Host \$http_host;
  proxy_set_header Authorization \$login;
  proxy_pass http://127.0.0.1:5000;
} }" | put 1 /srv/proxy/default.conf

# %% proxy-twin
wait_http 8080

# %% proxy-break
docker image pull 127.0.0.1:8080/hello-world
docker image push 127.0.0.1:8080/hello-world # fails
docker container rm -f proxy

# %% answer-6-6
echo lovelace | docker login --username ada --password-stdin 127.0.0.1:5001
docker image tag hello-world 127.0.0.1:5001/team/hello
docker image push 127.0.0.1:5001/team/hello
proxy readers 5001 "$ADA"
docker container run --name readers -d --network host -v /srv/readers:/etc/nginx/conf.d:ro nginx
wait_http 8080
get 8080 /v2/team/hello/tags/list
rm -f "$DOCKER_CONFIG/config.json" # the next round begins without a login
