"""A registry that was left read-only after a clean-up."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="method-not-allowed",
    words="405 Method not allowed",
    title="Pulls work, and every push is refused after a minute of trying",
    symptom=(
        "Rosa writes: since the clean-up of our registry on Sunday I can pull from registry.lab:5000 and not "
        "push. `docker push registry.lab:5000/team/tool:1` on node 2 says `Retrying in …` five times and "
        "then:\n"
        "  unknown: Method not allowed\n"
        "An HTTP client that begins an upload gets `405 Method not allowed` at once. My colleague who did the"
        " clean-up is on holiday. team/tool:1 has to get there from node 2, and nothing that is in the "
        "registry may be lost."
    ),
    hints=(
        "The registry refuses every method that writes. What would a clean-up ask a registry for, so that"
        " nothing is written while it runs?",
        "`docker inspect registry` on node 1, the variables under Env. They are fixed when a container is"
        " made.",
        "Run it again on the volume registry-data without REGISTRY_STORAGE_MAINTENANCE, then push from "
        "node 2.",
    ),
    lesson="clean-up",
)
