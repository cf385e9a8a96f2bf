"""A registry that remembers blobs which a garbage collection has removed."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="layer-already-exists",
    words="Layer already exists…manifest unknown",
    title="A push succeeds, and what was pushed cannot be pulled",
    symptom=(
        "Rosa writes: I deleted team/tool:1 from the registry of node 1 by mistake, and then its garbage "
        "collection ran, as every night. No problem, I have the image on node 2. `docker push "
        "registry.lab:5000/team/tool:1` there says:\n"
        "  Layer already exists\n"
        "  1: digest: sha256:…\n"
        "and `docker pull registry.lab:5000/team/tool:1` says:\n"
        "  manifest for registry.lab:5000/team/tool:1 not found: manifest unknown: manifest unknown\n"
        "I pushed three times. On node 1, team/app:1 is fine."
    ),
    hints=(
        "Whether the layer exists, the registry was asked. It answered from something else than its disk.",
        "A registry keeps in memory which blobs it has seen. Garbage collection is another process, which"
        " removes files.",
        "`docker restart registry` on node 1, then push from node 2 once more.",
    ),
    lesson="clean-up",
)
