"""A registry that does not delete, and something that must go."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="operation-is-unsupported",
    words="405 UNSUPPORTED: The operation is unsupported.",
    title="An image with a password in it cannot be deleted",
    symptom=(
        "Rosa writes: I pushed team/app:leaked by mistake: a layer of it has our password. It must not be in "
        "the registry of node 1 any more, neither under its tag nor under its digest, nor that layer. `DELETE"
        " /v2/team/app/manifests/sha256:…` answers:\n"
        '  405 {"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}\n'
        "team/app:1, in the same repository, has to stay."
    ),
    hints=(
        "Deletion is a setting of the registry, off unless someone switches it on. And a deletion alone "
        "removes no bytes.",
        "REGISTRY_STORAGE_DELETE_ENABLED=true in a new container on the same volume; DELETE by digest, "
        "not by tag; then `registry garbage-collect /etc/docker/registry/config.yml` in the container.",
        "At the end, restart the registry: what was collected is still in its memory.",
    ),
    lesson="clean-up",
)
