# What the assignment does, which shows no blocks, for `labs bench`; labs/bench/lesson_commands.py tells the form.
# Counted: the check of 50.5, made twice: the registry's process is killed and its restart policy brings it back.

# %% open
run_registry() {
  docker container rm -f registry
  docker container run --name registry -d -p 5000:5000 -v /srv/data:/var/lib/registry -v /srv/certs:/certs:ro \
    -v /srv/auth:/auth:ro -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/CERTIFICATE -e REGISTRY_HTTP_TLS_KEY=/certs/KEY \
    "$@" registry:2
}

# comes_back COUNT: killed as a crash would, and there again
comes_back() {
  node 1 "kill -9 $(docker container inspect --format '{{.State.Pid}}' registry)"
  until [ "$(docker container inspect --format '{{.RestartCount}} {{.State.Running}}' registry)" = "$1 true" ]; do
    sleep 0.05
  done
  wait_http 5000
}

# %% answer-50-1
node 1 'mkdir -p /srv/certs && cd /srv/certs && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
  -days 90 -subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab -keyout KEY -out CERTIFICATE 2>&1'
run_registry

# %% answer-50-2
node 1 'chmod 600 /srv/certs/KEY && stat -c %A /srv/certs/KEY'

# %% answer-50-3
{ echo gordon | htpasswd -niBC 10 moby; echo hopper | htpasswd -niBC 10 grace; } | put 1 /srv/auth/htpasswd
members=(-e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Secure -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd)
run_registry "${members[@]}"

# %% answer-50-4
node 1 'cat /srv/certs/CERTIFICATE' | put 2 /etc/docker/certs.d/registry.lab:5000/ca.crt
node 2 'echo gordon | docker login --username moby --password-stdin registry.lab:5000'
node 2 'docker pull hello-world && docker tag hello-world registry.lab:5000/team/hello'
node 2 'docker push registry.lab:5000/team/hello'
node 2 'docker pull registry.lab:5000/team/hello'

# %% answer-50-5
docker container update --restart unless-stopped registry

# %% check-50-5
comes_back 1

# %% answer-50-6
run_registry --restart unless-stopped "${members[@]}"

# %% points
comes_back 1
