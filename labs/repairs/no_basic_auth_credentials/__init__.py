"""A login under another spelling of the registry's name."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="no-basic-auth-credentials",
    words="no basic auth credentials",
    title="The login succeeded, and the push says that there is none",
    symptom=(
        "Rosa writes: our registry asks for passwords now. On node 2 I logged in (rosa, opensesame): Login "
        "Succeeded. Then `docker push registry.lab:5000/team/tool:1` in node 2 says:\n"
        "  no basic auth credentials\n"
        "I logged in again, same result. team/tool:1 has to get there. And please do not switch the passwords"
        " off, as the last helper did."
    ),
    hints=(
        "The registry never refused the password: it was not sent.",
        "The `docker` command keeps passwords by the registry they are for: `cat "
        "/root/.docker/config.json` in node 2. For which one is there one, and which one is in the "
        "reference?",
        "In node 2: `docker login registry.lab:5000`, as rosa with opensesame, then the push.",
    ),
    lesson="let-the-right-people-in",
)
