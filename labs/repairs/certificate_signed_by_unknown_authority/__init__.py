"""A certificate of the team's own authority, which the user's machine keeps where its engine does not look."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="certificate-signed-by-unknown-authority",
    words="x509: certificate signed by unknown authority",
    title="The authority's certificate is on the machine, and the engine does not know it",
    symptom=(
        "Rosa writes: registry.lab:5000 has a certificate of our team's own authority now. I copied ca.crt to"
        " my machine, node 2, as the wiki says: /etc/docker/certs.d/registry.lab/ca.crt.\n"
        "`docker pull registry.lab:5000/team/app:1` still says:\n"
        '  Get "https://registry.lab:5000/v2/": tls: failed to verify certificate: x509: certificate signed '
        "by unknown authority\n"
        "I restarted Docker, twice. The authority is in /srv/ca of node 1."
    ),
    hints=(
        "The registry's certificate is good. What is missing is on the machine that pulls.",
        "An engine looks for authorities in a folder that is called as the registry is in a reference. "
        "Compare the two.",
        "Port included: /etc/docker/certs.d/registry.lab:5000/ca.crt on node 2. It is read at each "
        "connection; then pull.",
    ),
    lesson="encrypt-it",
)
