"""A proxy with TLS before a registry that does not know of it."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="plain-http-request-sent-to-https-port",
    words="400 The plain HTTP request was sent to HTTPS port",
    title="Since TLS is done by a proxy, pulls work and pushes do not",
    symptom=(
        "Rosa writes: an nginx, container proxy on node 1, does TLS for our registry now; node 2 trusts its "
        "certificate. Pulls work. `docker push registry.lab:5000/team/tool:1` on node 2 tries for a minute "
        "and gets an HTML page:\n"
        "  400 The plain HTTP request was sent to HTTPS port\n"
        "But I never asked for plain HTTP! TLS has to stay, the proxy too. Its file is "
        "/srv/proxy/registry.conf on node 1, the registry listens on 127.0.0.1:5001 there. team/tool:1 has to"
        " get in."
    ),
    hints=(
        "A push goes where the registry tells it to go on. Look at the header Location of the answer that"
        " begins an upload.",
        "The registry behind the proxy is asked in plain HTTP, and writes addresses as it was asked, "
        "unless it is told how the client asked.",
        "`proxy_set_header X-Forwarded-Proto $scheme;` in the location block, `docker exec proxy nginx -s"
        " reload`, then push from node 2.",
    ),
    lesson="encrypt-it",
    images=("registry:2", "hello-world:latest", "busybox:latest", "nginx:latest"),
)
