"""A registry whose new container does not have the volume of the old one."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="manifest-unknown",
    words="manifest for registry.lab:5000/team/app:1 not found: manifest unknown: manifest unknown",
    title="Since the update of the registry, every image in it is gone",
    symptom=(
        "Rosa writes: last night the registry on node 1 was updated: `docker rm -f registry`, then `docker "
        "run -d --name registry -p 5000:5000 registry:2`, as always. Now the registry is empty. `docker pull "
        "registry.lab:5000/team/app:1` on node 2 says:\n"
        "  manifest for registry.lab:5000/team/app:1 not found: manifest unknown: manifest unknown\n"
        "We have no other copy of this image. And it must not happen with the next update."
    ),
    hints=(
        "Where did the old container write? The image declares a volume, and no one gave it a name.",
        "`docker volume ls` on node 1: removing a container leaves its volume, with a name of 64 digits. "
        "`docker run --rm -v NAME:/data busybox find /data` shows what is in one.",
        "Run the registry with the old volume at /var/lib/registry. So that it survives the next update, "
        "copy it to a volume with a name, or to a folder, or name the old one in the command.",
    ),
    lesson="keep-what-you-push",
)
