"""Three challenges of iximiuz Labs about registries, solved in a node with what lessons teach, and judged by the state.

https://labs.iximiuz.com/challenges/run-self-hosted-container-registry, …/run-secure-container-registry and
…/purge-an-image-from-a-container-registry. Their verifiers look at the endpoint alone, and so do the judges here. What
a challenge gives (certificate, images that were pushed before) is made by the test. The third one also deletes a tag
alone, which takes version 3; with the course's version 2 the manifest is deleted with its tag, as lesson 11 says.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from labs.engine import Engine
from labs.lessons.common import ask
from labs.lessons.common.by_hand import image, noise, push
from labs.playground import Node, Playground, PlaygroundSpec, remove_all
from labs.registry import ACCEPT, digest_of
from labs.waiting import wait_until
from tests.engine_fixtures import course_folder
from tests.lessons.actions import clean

SOLUTIONS = Path(__file__).parents[2] / "solutions"
HOST = "registry-1.corp"
MEMBER = ("iximiuzlabs", "rules!")
REPOSITORY = "acme/search-indexer"

RUN = (
    "docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry registry:2",
    "docker image pull hello-world",
    "docker image tag hello-world localhost:5000/hello-world",
    "docker image push localhost:5000/hello-world",
    "docker image remove hello-world localhost:5000/hello-world",
    "docker image pull localhost:5000/hello-world",
    "docker container run --rm localhost:5000/hello-world",
)
SECURE = (
    "docker container run --name registry -d -p 443:5000 -v registry-data:/var/lib/registry"
    " -v /srv/certs:/certs:ro -v /srv/auth:/auth:ro -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/registry.crt"
    " -e REGISTRY_HTTP_TLS_KEY=/certs/registry.key -e REGISTRY_AUTH=htpasswd"
    " -e REGISTRY_AUTH_HTPASSWD_REALM=Team -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd"
)
PASSWORD = (
    "mkdir -p /srv/auth && echo 'rules!' | docker container run -i --rm httpd:2 htpasswd -niBC 10"
    " iximiuzlabs > /srv/auth/htpasswd"
)
PUSH_BY_LOGIN = (
    f"echo 'rules!' | docker login --username iximiuzlabs --password-stdin {HOST}",
    "docker image pull hello-world",
    f"docker image tag hello-world {HOST}/hello-world",
    f"docker image push {HOST}/hello-world",
    f"docker image remove hello-world {HOST}/hello-world",
    f"docker image pull {HOST}/hello-world",
)
DELETABLE = "REGISTRY_STORAGE_DELETE_ENABLED=true"
COLLECT = "docker exec registry registry garbage-collect /etc/docker/registry/config.yml"

TAUGHT = {  # what the commands above need, by the lesson that says it
    "01": ("docker container run --name registry -d -p 5000:5000", "docker image push", "head("),
    "02": ("-v registry-data:/var/lib/registry", "docker container rm"),
    "05": (
        "REGISTRY_HTTP_TLS_CERTIFICATE=/certs/",
        "REGISTRY_HTTP_TLS_KEY=/certs/",
        "-v /srv/certs:/certs:ro",
        "-p 443:5000",
        "/etc/docker/certs.d/registry.lab/",
    ),
    "06": (
        "htpasswd -niBC 10",
        "-v /srv/auth:/auth:ro",
        "REGISTRY_AUTH=htpasswd",
        "REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd",
        "--password-stdin",
        "the two variables of its certificate, the three of its passwords",
    ),
    "11": (DELETABLE, COLLECT, "curl --cacert ca.crt -u moby -X DELETE", "auth="),
}

Delete = Callable[[Node, Path, str], int]


@pytest.mark.parametrize("number", TAUGHT)
def test_lesson_teaches_what_the_challenges_need(number: str) -> None:
    (source,) = SOLUTIONS.glob(f"{number}-*.py")
    text = " ".join(source.read_text(encoding="utf-8").split())
    assert [words for words in TAUGHT[number] if words not in text] == []


@pytest.fixture(scope="module")
def playground(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    images = ("registry:2", "hello-world:latest", "httpd:2")
    with course_folder(tmp_path_factory.mktemp("course")):
        try:
            made = Playground.of("challenges", PlaygroundSpec((5000, 443), images=images)).open()
            # Before the engine looks up its first host: Go keeps what it read of /etc/hosts for 5 s.
            sh(made.node(1), f"echo {made.node(1).inner_address} {HOST} >> /etc/hosts")
            yield made
        finally:
            remove_all(engine)


@pytest.fixture
def node(playground: Playground) -> Node:
    clean(playground)
    return playground.node(1)


@pytest.fixture
def secure(node: Node, tmp_path: Path) -> Node:
    """A node with what the second challenge gives: a certificate, and an authority that it trusts."""
    new = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90"
    sh(
        node,
        "mkdir -p /srv/certs /srv/ca",
        f"cd /srv/ca && {new} -subj /CN=Corp -keyout ca.key -out ca.crt",
        f"cd /srv/certs && {new} -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
        " -addext basicConstraints=critical,CA:FALSE -CA /srv/ca/ca.crt -CAkey /srv/ca/ca.key"
        " -keyout registry.key -out registry.crt",
        f"mkdir -p /etc/docker/certs.d/{HOST} && cp /srv/ca/ca.crt /etc/docker/certs.d/{HOST}/",
    )
    (tmp_path / "ca.crt").write_bytes(node.read_file("/srv/ca/ca.crt"))
    return node


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("stop", "start"),
    [
        ("docker container stop registry", "docker container start registry"),
        ("docker container kill registry && docker container rm registry", RUN[0]),
    ],
)
def test_run_your_own_registry(node: Node, stop: str, start: str) -> None:
    sh(node, RUN[0])
    wait_for(node, 5000)
    sh(node, *RUN[1:])
    url = node.url(5000)
    listed = ask(f"{url}/v2/hello-world/tags/list")
    assert listed is not None
    assert listed.json()["tags"] == ["latest"]
    before = head(url, "hello-world", "latest")
    sh(node, stop)
    assert ask(f"{url}/v2/") is None
    sh(node, start)
    wait_for(node, 5000)
    assert head(node.url(5000), "hello-world", "latest") == before
    sh(node, "docker image remove localhost:5000/hello-world", RUN[5])


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(120)
def test_secure_a_registry_by_tls_and_a_password(secure: Node) -> None:
    sh(secure, PASSWORD, f"{SECURE} registry:2")
    wait_for(secure, 443)
    url = secure.url(443).replace("http:", "https:", 1)
    for member, status in ((None, 401), (("iximiuzlabs", "rules"), 401), (MEMBER, 200)):
        answer = ask(f"{url}/v2/", member=member, host=HOST)
        assert answer is not None
        assert answer.status_code == status
    plain = ask(f"{secure.url(443)}/v2/", member=MEMBER)
    assert plain is None or plain.status_code == 400
    assert secure.exec(["docker", "pull", f"{HOST}/hello-world"]).exit_code
    sh(secure, *PUSH_BY_LOGIN)
    answer = ask(
        f"{url}/v2/hello-world/manifests/latest", member=MEMBER, headers={"Accept": ACCEPT}
    )
    assert answer is not None
    digest = answer.headers["docker-content-digest"]
    pulled = secure.docker.images.get(f"{HOST}/hello-world").attrs["RepoDigests"]
    assert f"{HOST}/hello-world@{digest}" in pulled
    # The engine verifies: without the authority it trusts no one there.
    sh(secure, f"rm -r /etc/docker/certs.d/{HOST}")
    assert "x509" in secure.exec(["docker", "pull", f"{HOST}/hello-world"]).stderr


def by_http(node: Node, _ca: Path, digest: str) -> int:
    with member_of(node) as http:
        return http.delete(f"/v2/{REPOSITORY}/manifests/{digest}").status_code


def by_curl(node: Node, ca: Path, digest: str) -> int:
    host = httpx.URL(node.url(443))
    command = ["curl", "--silent", "--cacert", str(ca), "-u", ":".join(MEMBER), "-X", "DELETE"]
    # What the lesson's line has not: the port of the node as this machine reaches it, and the status.
    command += ["--connect-to", f"{HOST}:443:{host.host}:{host.port}", "--noproxy", "*"]
    command += ["-w", "%{http_code}", f"https://{HOST}/v2/{REPOSITORY}/manifests/{digest}"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "delete",
    [
        by_http,
        pytest.param(
            by_curl,
            marks=pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine"),
        ),
    ],
)
def test_purge_a_pushed_image_with_its_blobs(secure: Node, tmp_path: Path, delete: Delete) -> None:
    sh(secure, PASSWORD, f"{SECURE} registry:2")
    wait_for(secure, 443)
    base, secret = noise("base", 0.2), b"password=1234"
    kept = {tag: image(base, noise(f"search {tag}", 0.2)) for tag in ("v1.0.0", "v1.1.0", "latest")}
    kept["stable"] = kept["v1.0.0"]
    leaked = image(base, secret)
    with member_of(secure) as http:
        for tag, document in kept.items():
            push(http, REPOSITORY, tag, document)
        push(http, REPOSITORY, "debug-42", leaked)

    sh(secure, "docker container rm -f registry", f"{SECURE} -e {DELETABLE} registry:2")
    wait_for(secure, 443)
    with member_of(secure) as http:
        digest = head(str(http.base_url), REPOSITORY, "debug-42")
        # Of version 2; the tag alone cannot be deleted.
        assert http.delete(f"/v2/{REPOSITORY}/manifests/debug-42").status_code == 400
        assert delete(secure, tmp_path / "ca.crt", digest) == 202
        left = [found(http, blob) for blob in leaked.blobs]
        assert left == [200] * 3  # a DELETE frees nothing
        sh(secure, COLLECT, "docker container restart registry")
    wait_for(secure, 443)

    with member_of(secure) as http:
        assert http.head(f"/v2/{REPOSITORY}/manifests/{digest}").status_code == 404
        config, _, layer = leaked.blobs
        assert [found(http, blob) for blob in (config, layer)] == [404, 404]
        tags = http.get(f"/v2/{REPOSITORY}/tags/list").json()["tags"]
        assert sorted(tags) == sorted(kept)
        for tag, document in kept.items():
            assert http.get(f"/v2/{REPOSITORY}/manifests/{tag}").content == document.content
            assert {found(http, blob) for blob in document.blobs} == {200}
    hexed = [digest_of(blob).partition(":")[2] for blob in (config, layer, leaked.content)]
    on_disk = sh(secure, "docker exec registry find /var/lib/registry/docker/registry/v2/blobs")
    assert [each for each in hexed if each in on_disk] == []


def sh(node: Node, *commands: str) -> str:
    """Run commands in a node, as in its terminal; what they print."""
    said = ""
    for command in commands:
        done = node.exec(["sh", "-c", command])
        assert done.exit_code == 0, f"{command}: {done.stderr}"
        said += done.stdout
    return said


def wait_for(node: Node, port: int) -> None:
    """Wait until the registry answers on a port, over TLS on 443."""

    def answers() -> bool:
        url = node.url(port)
        return ask(f"{url.replace('http:', 'https:', 1) if port == 443 else url}/v2/") is not None

    wait_until(answers, f"port {port}")


def member_of(node: Node) -> httpx.Client:
    """A client with the password, to which the authority is of no interest: the node's address is not in the name."""
    url = node.url(443).replace("http:", "https:", 1)
    return httpx.Client(
        base_url=url, auth=MEMBER, headers={"Accept": ACCEPT}, verify=False, trust_env=False
    )


def head(url: str, repository: str, tag: str) -> str:
    """The digest of a tag."""
    answer = ask(
        f"{url.rstrip('/')}/v2/{repository}/manifests/{tag}",
        method="HEAD",
        member=MEMBER,
        headers={"Accept": ACCEPT},
    )
    assert answer is not None
    return str(answer.headers["docker-content-digest"])


def found(http: httpx.Client, blob: bytes) -> int:
    """The status of a blob, read whole."""
    return http.get(f"/v2/{REPOSITORY}/blobs/{digest_of(blob)}").status_code
