# The floor of the assignment: its docker and openssl commands, one for each step of the notebook. A floor has one
# node, so node 1 pushes to itself by the name registry.lab and pulls from there.
certs() { docker container exec hands chroot /node sh -c "$1"; }

run_registry() {
  docker container rm -f registry 2>/dev/null || true
  docker container run --name registry -d -p 5000:5000 -v /srv/data:/var/lib/registry -v /srv/certs:/certs:ro \
    -v /srv/auth:/auth:ro -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/CERTIFICATE -e REGISTRY_HTTP_TLS_KEY=/certs/KEY \
    "$@" registry:2
  wait_http "$PORT_5000"
}

docker image pull busybox
docker container run --name hands -d --network host -v /:/node busybox sleep 600
certs 'mkdir -p /srv/certs && cd /srv/certs && openssl req -x509 -nodes -days 90 -subj /CN=registry.lab \
  -addext subjectAltName=DNS:registry.lab -keyout KEY -out CERTIFICATE' 2>/dev/null
run_registry
certs 'chmod 600 /srv/certs/KEY'
for member in 'moby gordon' 'grace hopper'; do
  docker container run --rm httpd:2 htpasswd -Bbn ${member% *} ${member#* } | grep .
done | docker container exec -i hands sh -c 'mkdir -p /node/srv/auth && cat >/node/srv/auth/htpasswd'
set -- -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Secure -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd
run_registry "$@"
certs 'mkdir -p /etc/docker/certs.d/registry.lab:5000 &&
  cp /srv/certs/CERTIFICATE /etc/docker/certs.d/registry.lab:5000/ca.crt'
echo gordon | docker login --username moby --password-stdin registry.lab:5000
docker image pull hello-world
docker image tag hello-world registry.lab:5000/team/hello
docker image push registry.lab:5000/team/hello
docker image pull registry.lab:5000/team/hello
docker container update --restart unless-stopped registry
run_registry --restart unless-stopped "$@"
docker logout registry.lab:5000
docker container rm -f hands
