"""A registry whose certificate ended."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="certificate-has-expired",
    words="x509: certificate has expired or is not yet valid",
    title="Since this morning, no one can pull, and nothing was changed",
    symptom=(
        "Rosa writes: yesterday I could pull from registry.lab:5000. Today `docker pull "
        "registry.lab:5000/team/app:1` on node 2 says:\n"
        '  Get "https://registry.lab:5000/v2/": tls: failed to verify certificate: x509: certificate has '
        "expired or is not yet valid: current time … is after …\n"
        "The registry runs, on node 1. The authority that signs for it is in /srv/ca there, its certificate "
        "in /srv/certs."
    ),
    hints=(
        "Two clocks and one date are in the message. The clocks are right.",
        "`openssl x509 -in /srv/certs/tls.crt -noout -dates` on node 1. Who can sign another one?",
        "Sign a new one with /srv/ca/ca.crt and /srv/ca/ca.key, for DNS:registry.lab, restart the "
        "registry, pull on node 2.",
    ),
    lesson="encrypt-it",
)
