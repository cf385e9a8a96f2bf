"""A line of the password file that the registry cannot use."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="login-401-unauthorized",
    words="login attempt to http://registry.lab:5000/v2/ failed with status: 401 Unauthorized",
    title="One user's right password is refused, another user's is taken",
    symptom=(
        "Rosa writes: I was added to the registry of node 1, file /srv/auth/htpasswd, with the password "
        "opensesame. `docker login registry.lab:5000` on node 2 says:\n"
        "  login attempt to http://registry.lab:5000/v2/ failed with status: 401 Unauthorized\n"
        "I typed it ten times. Linus (password penguin), who has been there from the beginning, gets in. His "
        "password must stay as it is, and mine should be opensesame."
    ),
    hints=(
        "The registry read the file: Linus gets in. Compare the two lines.",
        "A registry takes one kind of hash only, which begins with $2y$ (bcrypt). What does the line of "
        "rosa begin with?",
        "Replace her line, and only hers, by what `docker run --rm httpd:2 htpasswd -Bbn rosa opensesame`"
        " prints on node 1. The registry reads the file again by itself.",
    ),
    lesson="let-the-right-people-in",
    images=("registry:2", "hello-world:latest", "busybox:latest", "httpd:2"),
)
