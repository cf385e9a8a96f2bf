"""A registry that was made a pull-through cache, and a push to it."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="upload-is-unsupported",
    words="POST /v2/team/tool/blobs/uploads/: 405 UNSUPPORTED",
    title="Images of Docker Hub come faster, and no push is taken any more",
    symptom=(
        "Rosa writes: since Monday node 2 gets the images of Docker Hub from our own registry, registry.lab:5000."
        " That is fast, and has to stay. But `docker push registry.lab:5000/team/tool:1` in node 2 says "
        "`Retrying in …` for 50 seconds and then one word, unsupported. An HTTP client that begins the upload "
        "gets the answer at once:\n"
        "  POST /v2/team/tool/blobs/uploads/: 405 UNSUPPORTED: The operation is unsupported.\n"
        "team/tool:1 has to get to registry.lab:5000 from node 2, and what is there has to stay. Port 5001 of "
        "node 1 is free. (For this playground, Docker Hub is http://mirror:5000.)"
    ),
    hints=(
        "Something was switched on with the cache that refuses every upload. `docker inspect registry` on node 1, the"
        " variables under Env.",
        "A registry with REGISTRY_PROXY_REMOTEURL is a cache and takes no pushes, and no setting changes that. The team"
        " needs two: its registry on port 5000, and a cache on port 5001.",
        "On node 1: `registry` again with -p 5000:5000 and its volume registry-data, without the variable; then a cache"
        " with --network host, REGISTRY_HTTP_ADDR=:5001 and the variable. On node 2, registry-mirrors in "
        "/etc/docker/daemon.json is http://registry.lab:5001; `kill -HUP $(cat /run/docker.pid)`. Then push.",
    ),
    lesson="cache-what-you-pull",
)
