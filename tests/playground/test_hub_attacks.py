"""Attacks on the hub of a playground, with real engines: what a build, a push or a name can do to others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs.playground import Playground
from labs.waiting import wait_until
from tests.playground.hub_accounts import Person, as_account, git, populate, push
from tests.playground.hub_sources import Work, browser

pytestmark = [pytest.mark.engine, pytest.mark.full]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node, and a hub with accounts."""
    made = opened("hub-attacks", nodes=1)
    populate(made.hub)
    return made


@pytest.fixture(scope="module")
def work(playground: Playground, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """The source of eve/evil, which makes latest of main."""
    made = Work(playground, "eve/evil", tmp_path_factory.mktemp("evil") / "evil", owner="eve")
    made.rule()
    return made


def gateway(playground: Playground) -> str:
    """The address of this machine on the playground's network."""
    network = playground.hub.container.client.networks.get(playground.name)
    return str(network.attrs["IPAM"]["Config"][0]["Gateway"]).partition("/")[0]


LOOKS = r"""set +e
echo "env: $(env | sort | tr '\n' ' ')"
for path in /data /certs /etc/docker /var/run/docker.sock /run/docker.sock; do
  test -e $path && echo "found $path"
done
for host in 172.17.0.1 GATEWAY; do
  for port in 2375 2376; do
    wget -q -T 2 -O - "http://$host:$port/info" 2>&1 | grep -o ServerVersion
    wget -q -T 2 -O - "https://$host:$port/info" 2>&1 | grep -o ServerVersion
  done
done
echo looked
"""


def test_build_and_hook_see_no_secret_no_engine_and_no_file_of_the_hub(
    playground: Playground, work: Work
):
    looks = LOOKS.replace("GATEWAY", gateway(playground))
    dockerfile = "FROM busybox\nCOPY look /look\nRUN sh /look\n"
    build = work.build({"hooks/pre_build": looks, "look": looks, "Dockerfile": dockerfile})
    text = build["text"]
    assert build["state"] == "successful", text
    assert text.count("looked") == 2
    assert "found" not in text
    assert "ServerVersion" not in text
    # A signed token begins with these, and an access token with those.
    assert "eyJ" not in text
    assert "hub_pat_" not in text
    variables = {each.partition("=")[0] for each in re.findall(r"[A-Z_]+=", text)}
    assert not {name for name in variables if re.search("TOKEN|SECRET|AUTH|HUB", name)}


def test_engine_gives_its_builds_nothing_of_itself_over_the_network(work: Work):
    """ADD with a URL is fetched by the engine itself, which stands before its own port."""
    dockerfile = "FROM busybox\nADD https://127.0.0.1:2376/containers/json /x\n"
    build = work.build({"Dockerfile": dockerfile, "hooks/pre_build": ""})
    assert build["state"] == "failed"
    assert re.search("x509|tls|certificate", build["text"])


@pytest.mark.parametrize("line", ["FROM {image}", "FROM busybox\nCOPY --from={image} / /"])
def test_private_image_of_another_is_not_a_base_also_where_the_engine_has_it(
    playground: Playground, work: Work, line: str
):
    node = playground.node(1)
    ada = Person(playground.hub, "ada")
    ada.http.post("/v2/namespaces/ada/repositories", json={"name": "hidden", "is_private": True})
    as_account(node, "ada")
    code, said = push(node, "ada/hidden:1")
    assert code == 0, said
    build = work.build({"Dockerfile": line.format(image="hub.lab/ada/hidden:1") + "\n"})
    assert build["state"] == "failed"
    assert "denied" in build["text"]


def test_hook_that_takes_memory_processes_and_large_files_has_limits(work: Work):
    hook = """
tail /dev/zero || echo "memory: $?"
dd if=/dev/zero of=/src/large bs=1M count=1100 || echo "file: $?"
rm -f /src/large
i=0; while [ $i -lt 150 ]; do sleep 20 & i=$((i+1)); done 2>&1 | grep -o "can't fork" | head -1
exit 3
"""
    build = work.build({"hooks/pre_build": hook, "Dockerfile": "FROM busybox\n"})
    assert build["state"] == "failed"
    assert "memory: 137" in build["text"]
    assert "file: 153" in build["text"]  # by SIGXFSZ
    assert "can't fork" in build["text"]
    assert "hooks/pre_build ended with status 3" in build["text"]


@pytest.mark.parametrize("where", ["hooks/pre_build", "Dockerfile"])
def test_flood_of_output_ends_and_pages_answer_meanwhile(
    playground: Playground, work: Work, where: str
):
    files = {"hooks/pre_build": "", "Dockerfile": "FROM busybox\n"}
    files[where] += "yes flood\n" if where.startswith("hooks") else "RUN yes flood\n"
    work.commit(files)
    (number,) = work.push()
    work.running(number, "flood")
    with browser(playground, "grace") as client:
        assert client.get("/").status_code == 200
    build = work.ended(number)
    assert build["state"] == "failed"
    assert len(build["text"]) < 1_100_000
    assert "the log is cut here" in build["text"]
    assert "more than 20 million characters of output" in build["text"]


@pytest.mark.parametrize("where", ["hooks/pre_build", "Dockerfile"])
def test_build_that_sleeps_is_canceled_and_leaves_no_container(
    playground: Playground, work: Work, where: str
):
    files = {"hooks/pre_build": "", "Dockerfile": "FROM busybox\n"}
    sleep = "echo asleep; sleep 500\n"
    files[where] += sleep if where.startswith("hooks") else f"RUN {sleep}"
    work.commit(files)
    (number,) = work.push()
    work.running(number, "\nasleep")
    work.cancel(number)
    assert work.state(number)["state"] == "canceled"
    engine = playground.node(1).docker
    wait_until(lambda: not engine.containers.list(), "the container of the build to end")
    # The queue goes on.
    assert (
        work.build({"hooks/pre_build": "", "Dockerfile": "FROM busybox\n"})["state"] == "successful"
    )


def test_million_files_of_a_hook_do_not_end_the_hub(playground: Playground, work: Work):
    started = playground.hub.container.attrs["State"]["StartedAt"]
    hook = "mkdir /src/many; cd /src/many; seq 1 220000 | xargs touch\n"
    build = work.build({"hooks/pre_build": hook, "Dockerfile": "FROM busybox\n"})
    assert build["state"] == "failed"
    assert "more than 200 MB are left in /src" in build["text"]
    assert playground.hub.container.attrs["State"]["StartedAt"] == started
    work.commit({"hooks/pre_build": ""})


@pytest.mark.parametrize("name", ["$(id)", SCRIPT, "--output=x", "sm\u2028\u00f8r", "{sourceref}"])
def test_branch_of_any_name_is_text(playground: Playground, work: Work, name: str):
    if f"x{name}" not in work.change("rule", kind="branch", source="/.*/", tag="b-{sourceref}"):
        work.rule("/^(?!main)/", "b-{sourceref}")
    work.commit({"Dockerfile": "FROM busybox\n", "hooks/pre_build": 'echo "on $SOURCE_BRANCH"\n'})
    (number, *_) = work.push(f"HEAD:refs/heads/{name}")
    build = work.ended(number)
    assert build["state"] == "successful", build["text"]
    assert f"on {name}" in build["text"]
    assert "uid=" not in build["text"]
    with browser(playground, "eve") as client:
        for page in ("builds", f"builds/{number}"):
            assert SCRIPT not in client.get(f"/eve/evil/-/{page}").text
    git(work.folder, "push", work.remote, f":refs/heads/{name}")


def test_links_and_paths_of_a_source_lead_nowhere(
    playground: Playground, work: Work, tmp_path: Path
):
    made = Work(playground, "eve/paths", tmp_path / "paths", owner="eve")
    for tag, more in {
        "link": {"dockerfile": "link"},
        "up": {"dockerfile": "../../../etc/hostname"},
        "folder": {"context": "/folder"},
        "root": {"dockerfile": "/etc/hostname"},
        "above": {"context": "/../.."},
    }.items():
        made.rule(tag=tag, **more)
    (made.folder / "link").symlink_to("/etc/hostname")
    (made.folder / "folder").symlink_to("/etc")
    made.commit({"Dockerfile": "FROM busybox\n"})
    numbers = made.push()
    assert numbers  # a rule that is refused at once queues nothing
    for number in numbers:
        build = made.ended(number)
        assert build["state"] == "failed", build["text"]
        assert "node1" not in build["text"]


def test_submodule_is_an_empty_folder_and_a_link_stays_a_link(work: Work):
    work.commit({"Dockerfile": "FROM busybox\nCOPY . /src\nRUN ls -A /src/sub; cat /src/secret\n"})
    head = git(work.folder, "rev-parse", "HEAD").strip()
    git(work.folder, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    (work.folder / "secret").symlink_to("/data/hub.sqlite3")
    git(work.folder, "add", "secret")
    git(work.folder, "commit", "-q", "-m", "submodule")
    (number,) = work.push()
    build = work.ended(number)
    assert "can't open '/src/secret'" in build["text"]
    git(work.folder, "rm", "-q", "--cached", "sub", "secret")
    (work.folder / "secret").unlink()


@pytest.mark.parametrize("name", ["..", ".git", "a/../../x"])
def test_tree_with_a_path_out_of_its_folder_is_not_taken(work: Work, name: str):
    work.commit({"Dockerfile": "FROM busybox\n"})
    blob = git(work.folder, "rev-parse", "HEAD:Dockerfile").strip()
    tree = work.folder.parent / "tree"
    tree.write_bytes(f"100644 {name}\0".encode() + bytes.fromhex(blob))
    made = git(work.folder, "hash-object", "-t", "tree", "-w", "--literally", str(tree)).strip()
    commit = git(work.folder, "commit-tree", "-m", "out", made).strip()
    with pytest.raises(AssertionError, match=r"hasDot|fullPathname|unpack"):
        git(work.folder, "push", work.remote, f"{commit}:refs/heads/out")


def test_gigabyte_of_zeros_are_not_sent_to_the_engine(work: Work):
    with (work.folder / "zeros").open("wb") as file:
        file.truncate(1 << 30)
    git(work.folder, "-c", "core.bigFileThreshold=1m", "add", "zeros")
    git(work.folder, "commit", "-q", "-m", "zeros")
    (number,) = work.push()
    build = work.ended(number)
    assert build["state"] == "failed"
    assert "more than 200 MB" in build["text"]
    git(work.folder, "rm", "-q", "zeros")
    git(work.folder, "commit", "-q", "-m", "no zeros")


def test_killed_node_fails_its_build_and_builds_again_after(playground: Playground, work: Work):
    work.commit({"Dockerfile": "FROM busybox\nRUN echo asleep; sleep 500\n", "hooks/pre_build": ""})
    (number,) = work.push()
    work.running(number, "\nasleep")
    # Asked for before: a hub whose builder is gone is there, and `playground.hub` asks the node as well.
    with browser(playground, "eve") as client:

        def log() -> dict[str, Any]:
            return dict(client.get(f"/eve/evil/-/builds/{number}/log").json())

        playground.node(1).container.kill()
        wait_until(lambda: log()["state"] == "failed", "the end of the build")
        assert "the engine went away" in log()["text"]
    playground.open()
    build = work.build({"Dockerfile": "FROM busybox\nRUN echo again\n"})
    assert build["state"] == "successful", build["text"]


def test_no_password_and_no_token_is_in_the_hubs_log(playground: Playground):
    said = playground.hub.container.logs().decode(errors="replace")
    assert "GET /" in said
    assert "-password" not in said
    assert "hub_pat_" not in said
    assert "eyJ" not in said
