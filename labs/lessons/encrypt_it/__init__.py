"""Lesson 5: TLS for a registry: a name, an authority, an expiry, and what the engine says about each."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=5,
    slug="encrypt-it",
    title="Encrypt it",
    minutes=60,
    summary="Give a registry a certificate, see each way it can be refused, and renew it without losing a push.",
    ports=(5000, 5001),
    nodes=2,
    images=("registry:2", "hello-world:latest"),
    exercises=(
        Exercise(
            "5.2",
            "A registry over TLS on port 5001",
            NamedCheck(f"{__name__}.checks:speaks_tls"),
            hints=(
                "Compare the two calls of `openssl req` above: only one made a certificate with a name.",
                "The name belongs into -addext subjectAltName=DNS:registry.lab; the port does not.",
                'two.certs("openssl req -x509 … -keyout shelf.key -out shelf.crt"), then '
                'two.run_registry("shelf", name="shelf", port=5001).',
            ),
            cell="answer-5-2",
            points=5,
        ),
        Exercise(
            "5.3",
            "Node 2 trusts it, and no other",
            NamedCheck(f"{__name__}.checks:trusted"),
            hints=(
                "Node 2's engine looks for a folder that is called as the registry is in a reference, port included.",
                "/etc/docker/certs.d/registry.lab:5001/ca.crt on node 2 is read at each connection.",
                "Copy shelf.crt there with read_file and write_file, push hello-world to port 5001, "
                "pull registry.lab:5001/hello-world on node 2.",
            ),
            cell="answer-5-3",
            points=4,
        ),
        Exercise(
            "5.6",
            "Renew it from a CA, keep the push",
            NamedCheck(f"{__name__}.checks:renewed"),
            hints=(
                "Three files change: certificate and key of the registry, ca.crt of node 2. The storage does not.",
                "The registry has to send its own certificate and the intermediate's, in this order, in one file.",
                'two.issue("renewed"), `cat renewed.crt /srv/ca/intermediate.crt > shelf.crt`, restart shelf, '
                "and give /srv/ca/root.crt to node 2.",
            ),
            cell="answer-5-6",
            points=6,
        ),
    ),
    questions=(
        Question(
            "5.1",
            "A self-signed certificate has the common name registry.lab and nothing else. What does node 2 say of it?",
            choices={
                "a": "It does not know who signed it.",
                "b": "It does not find the name where it looks for names.",
                "c": "Nothing: the name is right, so it pulls.",
            },
            right="b",
            why={
                "a": "That comes second: the name is looked for first.",
                "b": "It looks for the name among the Subject Alternative Names, before it asks who signed.",
                "c": "The common name has not counted since 2021, and even then a stranger had signed.",
            },
            hints=("The message in the section's heading is the one that you will see.",),
            points=1,
        ),
        Question(
            "5.4",
            'A colleague repairs "certificate signed by unknown authority" with insecure-registries. What is lost?',
            choices={
                "a": "Nothing: what travels is still encrypted.",
                "b": "Speed: each layer is checked twice.",
                "c": "The engine no longer knows who it talks to: any certificate will do, and plain HTTP too.",
            },
            right="c",
            why={
                "a": "Encrypted, but to whom? Any certificate will do, an impostor's too, and plain HTTP as well.",
                "b": "Nothing is checked twice; the certificate is not checked at all.",
                "c": "Anyone between engine and registry can read passwords and send other images.",
            },
            hints=("What would still tell the engine that it speaks to an impostor?",),
            points=2,
        ),
        Question(
            "5.5",
            "Node 2 has root.crt, the registry serves a certificate that the intermediate signed. "
            "Node 2 says: unknown authority. Where is the mistake?",
            choices={
                "a": "On the registry: its file lacks the intermediate's certificate.",
                "b": "On node 2: it needs the registry's own certificate too.",
                "c": "In the certificate: an intermediate cannot sign for a registry.",
            },
            right="a",
            why={
                "a": "The client has the root; the registry must send all that lies between.",
                "b": "That would work until the next renewal. The authority is there to make it needless.",
                "c": "It may: its certificate says CA:TRUE.",
            },
            hints=("Whom does node 2 know, and who signed the certificate that it was sent?",),
            points=2,
        ),
    ),
)
