"""A certificate that has the registry's name in its subject and in no Subject Alternative Name."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="certificate-relies-on-legacy-common-name",
    words="x509: certificate relies on legacy Common Name field, use SANs instead",
    title="The right name is in the certificate, and the engine does not read it there",
    symptom=(
        "Rosa writes: I renewed the certificate of registry.lab:5000 with our team's authority (node 1: "
        "/srv/ca, /srv/certs). `openssl x509 -subject` shows CN = registry.lab, and node 2 has the authority "
        "where it belongs.\n"
        "`docker pull registry.lab:5000/team/app:1` on node 2 says:\n"
        '  Get "https://registry.lab:5000/v2/": tls: failed to verify certificate: x509: certificate relies '
        "on legacy Common Name field, use SANs instead"
    ),
    hints=(
        "Node 2 has nothing to change: the message is about a field of the certificate.",
        "Names are read from Subject Alternative Names only. `openssl x509 -in /srv/certs/tls.crt -noout "
        "-ext subjectAltName` on node 1 shows them.",
        "Sign a new one with -addext subjectAltName=DNS:registry.lab, restart the registry, which reads "
        "its certificate when it starts, and pull on node 2.",
    ),
    lesson="encrypt-it",
)
