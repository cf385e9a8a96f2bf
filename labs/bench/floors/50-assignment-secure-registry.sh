# The floor of the assignment: its docker and openssl commands, one for each step of the notebook. Where this shell
# is inside a node, that one stands for both.
# Counted: the check of 50.5, made twice: the registry's process is killed and its restart policy brings it back.
run_registry() {
  docker container rm -f registry 2>/dev/null || true
  docker container run --name registry -d -p 5000:5000 -v /srv/data:/var/lib/registry -v /srv/certs:/certs:ro \
    -v /srv/auth:/auth:ro -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/CERTIFICATE -e REGISTRY_HTTP_TLS_KEY=/certs/KEY \
    "$@" registry:2
  wait_http "$PORT_5000"
}

# comes_back: killed as a crash would, and there again
comes_back() {
  node 1 "kill -9 $(docker container inspect --format '{{.State.Pid}}' registry)"
  until [ "$(docker container inspect --format '{{.RestartCount}} {{.State.Running}}' registry)" = "$1 true" ]; do
    sleep 0.05
  done
  wait_http "$PORT_5000"
}

node 1 'mkdir -p /srv/certs && cd /srv/certs && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
  -days 90 -subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab -keyout KEY -out CERTIFICATE 2>&1'
run_registry
node 1 'chmod 600 /srv/certs/KEY && stat -c %A /srv/certs/KEY'
for member in 'moby gordon' 'grace hopper'; do
  docker container run --rm httpd:2 htpasswd -Bbn ${member% *} ${member#* } | grep .
done | node 1 'mkdir -p /srv/auth && cat >/srv/auth/htpasswd'
set -- -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Secure -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd
run_registry "$@"
node 1 'cat /srv/certs/CERTIFICATE' |
  node 2 'mkdir -p /etc/docker/certs.d/registry.lab:5000 && cat >/etc/docker/certs.d/registry.lab:5000/ca.crt'
node 2 'echo gordon | docker login --username moby --password-stdin registry.lab:5000'
node 2 'docker pull hello-world && docker tag hello-world registry.lab:5000/team/hello'
node 2 'docker push registry.lab:5000/team/hello'
node 2 'docker pull registry.lab:5000/team/hello'
docker container update --restart unless-stopped registry
comes_back 1
run_registry --restart unless-stopped "$@"
comes_back 1
