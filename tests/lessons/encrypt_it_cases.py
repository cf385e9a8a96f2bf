"""Right, blank and wrong answers to lesson 5."""

from __future__ import annotations

import json
import time
from io import BytesIO
from typing import Any

from labs.lesson import transfer
from labs.playground import Node, Playground
from labs.waiting import wait_until
from tests.lessons.actions import nothing, push, run, wait
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

ADDRESS = "registry.lab:5001"
DAEMON_JSON = "/etc/docker/daemon.json"
TRUST = f"/etc/docker/certs.d/{ADDRESS}"
SAN = "-addext subjectAltName=DNS:registry.lab"
NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=registry.lab"
PUBLISHED: dict[str, Any] = {"ports": {"5000/tcp": 5001}}
MOUNTS = ["/srv/shelf:/var/lib/registry", "/srv/certs:/certs:ro"]
TLS = {
    "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/shelf.crt",
    "REGISTRY_HTTP_TLS_KEY": "/certs/shelf.key",
}


def certs(playground: Playground, *commands: str, folder: str = "/srv/certs") -> None:
    for command in commands:
        done = playground.node(1).exec(
            ["sh", "-c", f"mkdir -p {folder} && cd {folder} && {command}"]
        )
        assert done.exit_code == 0, done.stderr


def shelf(playground: Playground, **options: Any) -> None:
    run(playground, "shelf", **{"environment": TLS, "volumes": MOUNTS, **PUBLISHED, **options})


def serve(playground: Playground, extra: str) -> None:
    certs(playground, f"{NEW} -days 90 {extra} -keyout shelf.key -out shelf.crt")
    shelf(playground)


def authority(playground: Playground) -> None:
    sign = "-CA root.crt -CAkey root.key -addext basicConstraints=critical,CA:TRUE,pathlen:0"
    certs(
        playground,
        f'{NEW} -days 9 -subj "/CN=Lab root" -keyout root.key -out root.crt',
        f'{NEW} -days 9 {sign} -subj "/CN=Lab intermediate" '
        "-keyout intermediate.key -out intermediate.crt",
        folder="/srv/ca",
    )


def issue(playground: Playground, signer: str = "intermediate", dates: str = "-days 9") -> None:
    """New files for the registry, certificate and key, that the authority made."""
    authority(playground)
    certs(
        playground,
        f"{NEW} {dates} {SAN} -addext basicConstraints=critical,CA:FALSE "
        f"-CA /srv/ca/{signer}.crt -CAkey /srv/ca/{signer}.key -keyout shelf.key -out own.crt",
        f"cat own.crt /srv/ca/{signer}.crt > shelf.crt",
    )


def self_signed(playground: Playground) -> None:
    serve(playground, SAN)


def wildcard_signed_by_an_authority_of_ones_own(playground: Playground) -> None:
    certs(
        playground,
        f'{NEW} -subj "/CN=Mine" -keyout mine.key -out mine.crt',
        f"{NEW} -addext subjectAltName=DNS:*.lab -CA mine.crt -CAkey mine.key "
        "-keyout shelf.key -out shelf.crt",
    )
    shelf(playground)


def on_the_nodes_network(playground: Playground) -> None:
    certs(playground, f"{NEW} {SAN} -keyout shelf.key -out shelf.crt")
    environment = {**TLS, "REGISTRY_HTTP_ADDR": ":5001"}
    shelf(playground, environment=environment, ports=None, network_mode="host")


def lessons_certificate(playground: Playground) -> None:
    """The certificate that the lesson's own registry serves is as right as any."""
    certs(playground, f"{NEW} {SAN} -keyout registry.key -out registry.crt")
    paths = {
        "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/registry.crt",
        "REGISTRY_HTTP_TLS_KEY": "/certs/registry.key",
    }
    lessons = ["/srv/registry:/var/lib/registry", MOUNTS[1]]
    run(playground, "registry", environment=paths, volumes=lessons, ports={"5000/tcp": 5000})
    shelf(playground, environment=paths)


FRONT = """server { listen 5001 ssl; client_max_body_size 0;
  ssl_certificate /certs/shelf.crt; ssl_certificate_key /certs/shelf.key;
  location / { proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
    proxy_pass http://%s; } }"""


def front(playground: Playground, name: str, to: str, **options: Any) -> None:
    certs(playground, f"{NEW} {SAN} -keyout shelf.key -out shelf.crt")
    playground.node(1).write_file("/srv/front/default.conf", FRONT % to)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro", MOUNTS[1]]
    run(playground, name, "nginx", volumes=volumes, **options)
    wait(playground, 5001)


def shelf_behind_a_proxy(playground: Playground) -> None:
    """A proxy speaks TLS for it: the registry that it leads to is called shelf."""
    shelf(playground, environment={}, ports={"5000/tcp": ("127.0.0.1", 5002)})
    front(playground, "front", "127.0.0.1:5002", network_mode="host")


def proxy_called_shelf_to_the_lessons_registry(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    own = playground.node(1).docker.containers.get("registry").attrs["NetworkSettings"]
    address = f"{own['Networks']['bridge']['IPAddress']}:5000"
    front(playground, "shelf", address, ports={"5001/tcp": 5001})


def called_rack(playground: Playground) -> None:
    certs(playground, f"{NEW} -days 90 {SAN} -keyout shelf.key -out shelf.crt")
    run(playground, "rack", environment=TLS, volumes=MOUNTS, **PUBLISHED)


def without_a_name(playground: Playground) -> None:
    certs(playground, f"{NEW} -days 90 {SAN} -keyout shelf.key -out shelf.crt")
    run(playground, None, environment=TLS, volumes=MOUNTS, **PUBLISHED)


def the_lessons_own_registry(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000})


def plain_http(playground: Playground) -> None:
    shelf(playground, environment={})


def common_name_only(playground: Playground) -> None:
    serve(playground, "")


def name_with_port(playground: Playground) -> None:
    serve(playground, f"-addext subjectAltName=DNS:{ADDRESS}")


def another_name(playground: Playground) -> None:
    serve(playground, "-addext subjectAltName=DNS:localhost,IP:127.0.0.1")


def expired(playground: Playground) -> None:
    serve(playground, f"{SAN} -not_before 20260101000000Z -not_after 20260201000000Z")


def from_next_century(playground: Playground) -> None:
    serve(playground, f"{SAN} -not_before 21000101000000Z -not_after 21010101000000Z")


def key_of_another(playground: Playground) -> None:
    certs(
        playground,
        f"{NEW} {SAN} -keyout other.key -out shelf.crt",
        f"{NEW} {SAN} -keyout shelf.key -out other.crt",
    )
    shelf(playground)
    ended(playground)


def files_not_mounted(playground: Playground) -> None:
    certs(playground, f"{NEW} {SAN} -keyout shelf.key -out shelf.crt")
    shelf(playground, volumes=MOUNTS[:1])
    ended(playground)


def ended(playground: Playground) -> None:
    engine = playground.node(1).docker
    wait_until(lambda: engine.containers.get("shelf").status == "exited", "the registry to end")


def port_of_the_container_too(playground: Playground) -> None:
    certs(playground, f"{NEW} {SAN} -keyout shelf.key -out shelf.crt")
    shelf(playground, ports={"5001/tcp": 5001})


def on_loopback_only(playground: Playground) -> None:
    certs(playground, f"{NEW} {SAN} -keyout shelf.key -out shelf.crt")
    shelf(playground, ports={"5000/tcp": ("127.0.0.1", 5001)})


def another_web_server(playground: Playground) -> None:
    run(playground, "shelf", "busybox", command="httpd -f -p 5000", **PUBLISHED)


def pushed(playground: Playground) -> None:
    self_signed(playground)
    wait(playground, 5001)
    push(playground, "hello-world", "127.0.0.1:5001/hello-world:latest")


def trust(playground: Playground, file: str = "shelf.crt", to: str = f"{TRUST}/ca.crt") -> None:
    folder = "/srv/ca" if file in ("root.crt", "intermediate.crt") else "/srv/certs"
    playground.node(2).write_file(to, playground.node(1).read_file(f"{folder}/{file}"))


def pull_on_node_2(playground: Playground) -> None:
    transfer.pull(playground.node(2).docker, f"{ADDRESS}/hello-world:latest")


def trusted(playground: Playground) -> None:
    pushed(playground)
    trust(playground)
    pull_on_node_2(playground)


def trusted_by_another_file_name(playground: Playground) -> None:
    pushed(playground)
    trust(playground, to=f"{TRUST}/shelf.crt")
    pull_on_node_2(playground)


def pushed_from_node_2(playground: Playground) -> None:
    self_signed(playground)
    wait(playground, 5001)
    trust(playground)
    engine = playground.node(2).docker
    engine.images.pull("hello-world", tag="latest").tag(f"{ADDRESS}/hello-world", tag="latest")
    transfer.push(engine, f"{ADDRESS}/hello-world:latest")


def insecure(playground: Playground) -> None:
    pushed(playground)
    playground.node(2).configure_engine({"insecure-registries": [ADDRESS]})
    pull_on_node_2(playground)


def insecure_by_address(playground: Playground) -> None:
    pushed(playground)
    playground.node(2).configure_engine({"insecure-registries": ["0.0.0.0/0"]})
    pull_on_node_2(playground)


def trusted_without_port(playground: Playground) -> None:
    pushed(playground)
    trust(playground, to="/etc/docker/certs.d/registry.lab/ca.crt")


def trusted_for_port_5000(playground: Playground) -> None:
    pushed(playground)
    trust(playground, to="/etc/docker/certs.d/registry.lab:5000/ca.crt")


def trusted_as_pem(playground: Playground) -> None:
    pushed(playground)
    trust(playground, to=f"{TRUST}/ca.pem")


def trusted_as_cert(playground: Playground) -> None:
    pushed(playground)
    trust(playground, to=f"{TRUST}/ca.cert")


def trusted_on_node_1(playground: Playground) -> None:
    pushed(playground)
    content = playground.node(1).read_file("/srv/certs/shelf.crt")
    playground.node(1).write_file(f"{TRUST}/ca.crt", content)


def another_certificate_trusted(playground: Playground) -> None:
    pushed(playground)
    certs(playground, f"{NEW} {SAN} -keyout other.key -out other.crt")
    trust(playground, "other.crt")


def trusted_and_not_pulled(playground: Playground) -> None:
    pushed(playground)
    trust(playground)


def trusted_and_not_pushed(playground: Playground) -> None:
    self_signed(playground)
    wait(playground, 5001)
    trust(playground)


def push_labeled(playground: Playground) -> None:
    engine = playground.node(1).docker
    engine.images.pull("hello-world", tag="latest")
    to = "127.0.0.1:5001/hello-world:latest"
    engine.images.build(fileobj=BytesIO(b"FROM hello-world\nLABEL own=1\n"), tag=to, rm=True)
    transfer.push(engine, to)


def another_image_trusted(playground: Playground) -> None:
    self_signed(playground)
    wait(playground, 5001)
    push_labeled(playground)
    trust(playground)
    pull_on_node_2(playground)


def pulled_before_another_push(playground: Playground) -> None:
    """Node 2 has what the tag stood for once."""
    self_signed(playground)
    wait(playground, 5001)
    push_labeled(playground)
    trust(playground)
    pull_on_node_2(playground)
    push(playground, "hello-world", "127.0.0.1:5001/hello-world:latest")


def restart(playground: Playground) -> None:
    playground.node(1).docker.containers.get("shelf").restart()
    wait(playground, 5001)


def renewed(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    restart(playground)
    trust(playground, "root.crt")


def renewed_in_a_new_container(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    playground.node(1).docker.containers.get("shelf").remove(force=True)
    shelf(playground)
    trust(playground, "root.crt")


def not_restarted(playground: Playground) -> None:
    trusted(playground)
    issue(playground)


def gap_in_the_chain(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    certs(playground, "cp own.crt shelf.crt")
    restart(playground)
    trust(playground, "root.crt")


def signed_by_the_root(playground: Playground) -> None:
    trusted(playground)
    issue(playground, "root")
    restart(playground)
    trust(playground, "root.crt")


def intermediate_trusted(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    restart(playground)
    trust(playground, "intermediate.crt")


def old_trust_kept(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    restart(playground)


def old_trust_beside_the_root(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    restart(playground)
    trust(playground, "root.crt", to=f"{TRUST}/root.crt")


def chain_upside_down(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    certs(playground, "cat /srv/ca/intermediate.crt own.crt > shelf.crt")
    playground.node(1).docker.containers.get("shelf").restart()
    ended(playground)


def renewed_with_an_expired_one(playground: Playground) -> None:
    trusted(playground)
    issue(playground, dates="-not_before 20260101000000Z -not_after 20260201000000Z")
    restart(playground)
    trust(playground, "root.crt")


def pushed_again_into_an_empty_registry(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    playground.node(1).docker.containers.get("shelf").remove(force=True)
    playground.node(1).exec(["rm", "-rf", "/srv/shelf"])
    shelf(playground)
    wait(playground, 5001)
    time.sleep(0.1)  # the push stands after the start, as a student's would
    push(playground, "hello-world", "127.0.0.1:5001/hello-world:latest")
    trust(playground, "root.crt")


def pushed_again_and_made_older(playground: Playground) -> None:
    pushed_again_into_an_empty_registry(playground)
    playground.node(1).exec(
        ["find", "/srv/shelf", "-exec", "touch", "-h", "-d", "2020-01-01", "{}", "+"]
    )


def renewed_by_an_authority_of_ones_own(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    sign = "-addext basicConstraints=critical,CA:TRUE -CA /srv/ca/root.crt -CAkey /srv/ca/root.key"
    certs(
        playground,
        f'{NEW} -days 9 {sign} -subj "/CN=Mine" -keyout mine.key -out mine.crt',
        f"{NEW} -days 9 {SAN} -addext basicConstraints=critical,CA:FALSE -CA mine.crt -CAkey mine.key "
        "-keyout shelf.key -out own.crt",
        "cat own.crt mine.crt > shelf.crt",
    )
    restart(playground)
    trust(playground, "root.crt")


def lost(playground: Playground) -> None:
    trusted(playground)
    issue(playground)
    playground.node(1).docker.containers.get("shelf").remove(force=True)
    playground.node(1).exec(["rm", "-rf", "/srv/shelf"])
    shelf(playground)
    trust(playground, "root.crt")


def insecure_after_a_reload(opened: OpenLesson) -> None:
    """What the lesson says of SIGHUP: containers run on, a list replaces a list, and a missing line changes nothing."""
    node = opened.playground.node(2)
    running = node.docker.containers.run("registry:2", name="bystander", detach=True)
    before = json.loads(node.read_file(DAEMON_JSON))
    on = {**before, "insecure-registries": ["127.0.0.0/8", ADDRESS]}
    off = {**before, "insecure-registries": ["127.0.0.0/8"]}
    for settings, insecure in ((on, True), (before, True), (off, False)):
        reload(node, settings)
        assert (ADDRESS in node.docker.info()["RegistryConfig"]["IndexConfigs"]) is insecure
    running.reload()
    assert running.status == "running"
    node.write_file(DAEMON_JSON, json.dumps(before))


def reload(node: Node, settings: dict[str, Any]) -> None:
    """Give an engine these settings by SIGHUP, and wait until it has read them."""
    began = time.time()
    node.write_file(DAEMON_JSON, json.dumps(settings))
    node.exec(["sh", "-c", "kill -HUP $(cat /run/docker.pid)"])
    api, only = node.docker.api, {"event": "reload"}
    wait_until(
        lambda: [*api.events(since=began, until=time.time(), filters=only, decode=True)],
        f"{node.name}'s engine to reload",
    )


NOT_SHELF = f"the registry at {ADDRESS} is not called shelf"
NAME = 'give it the name as you run it: two.run_registry(…, name="shelf", port=5001)'
RUN = f"run a registry that answers over TLS at {ADDRESS}"
FIRST = f"run the registry {ADDRESS} over TLS first (5.2)"
LET = f"let node 2 trust {ADDRESS} and pull hello-world from it"
PATHS = "the path is one inside the container: which folder is /certs there?"
KEY = "the key is that of the first certificate in the file; the intermediate's comes after it"
NO_MATCH = "private key does not match public key"
CN = "the subject's CN does not count: -addext subjectAltName=DNS:registry.lab, without a port"
DAYS = "-days 90 makes one that is valid from now on; the registry reads it when it starts"
INSECURE = f"node 2 takes {ADDRESS} for an insecure registry: it would believe anybody there"
TAKE_BACK = 'lab.node(2).configure_engine({"insecure-registries": None}); trust the certificate'
INTERMEDIATE = f"let {ADDRESS} serve a certificate that the lab's intermediate signed"
NO_VOUCHER = f"what node 2 has in {TRUST} does not vouch for what {ADDRESS} serves"
COPY = "copy the certificate that signed the one that is served; a self-signed one signed itself"
PUSH = f"push to 127.0.0.1:5001 from node 1, or to {ADDRESS} from a node that trusts it"

TESTS = LessonTests(extra=(insecure_after_a_reload,))

CASES: Table = {
    "5.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "It looks for the name among the Subject Alternative Names, before it asks who signed.",
            choose("b"),
        ),
        Wrong(nothing, "That comes second: the name is looked for first.", "", choose("a")),
        Wrong(
            nothing,
            "The common name has not counted since 2021, and even then a stranger had signed.",
            "",
            choose("c"),
        ),
    ],
    "5.2": [
        Blank(nothing, RUN),
        Blank(the_lessons_own_registry, RUN),
        Right(self_signed),
        Right(wildcard_signed_by_an_authority_of_ones_own),
        Right(on_the_nodes_network),
        Right(lessons_certificate),
        Right(shelf_behind_a_proxy),
        Wrong(
            plain_http,
            f"{ADDRESS} speaks plain HTTP, wanted HTTPS",
            "REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_HTTP_TLS_KEY name the two files inside the container",
        ),
        Wrong(
            common_name_only,
            f"the certificate of {ADDRESS} has no names (SAN), wanted registry.lab",
            CN,
        ),
        Wrong(
            name_with_port,
            f'the certificate of {ADDRESS} has the names ["{ADDRESS}"], wanted registry.lab',
            CN,
        ),
        Wrong(
            another_name,
            f'the certificate of {ADDRESS} has the names ["127.0.0.1", "localhost"], wanted registry.lab',
            CN,
        ),
        Wrong(
            expired,
            f"the certificate of {ADDRESS} has expired, wanted one that is valid today",
            DAYS,
        ),
        Wrong(
            from_next_century,
            f"the certificate of {ADDRESS} is not valid yet, wanted one that is valid today",
            DAYS,
        ),
        Wrong(
            key_of_another,
            f"container shelf is exited, wanted running: {NO_MATCH}",
            KEY,
        ),
        Wrong(
            files_not_mounted,
            "container shelf is exited, wanted running: "
            "open /certs/shelf.crt: no such file or directory",
            PATHS,
        ),
        Wrong(
            port_of_the_container_too,
            "container shelf runs, and nothing answers on port 5001",
            'the registry listens on 5000 in its container: ports={"5000/tcp": 5001}',
        ),
        Wrong(
            on_loopback_only,
            "a registry answers on port 5001 of node 1 itself, and node 2 does not reach it",
            'ports={"5000/tcp": 5001} publishes it on every address of node 1',
        ),
        Wrong(
            another_web_server,
            f"something answers at {ADDRESS}, but it is not a registry",
            "the image to run is registry:2",
        ),
        Wrong(called_rack, NOT_SHELF, NAME),
        Wrong(without_a_name, NOT_SHELF, NAME),
        Wrong(
            proxy_called_shelf_to_the_lessons_registry,
            "port 5001 leads to the registry on port 5000, wanted another one",
            "an upload that began on one port was known on the other: run a second container of registry:2",
        ),
    ],
    "5.3": [
        Blank(nothing, FIRST),
        Blank(self_signed, LET),
        Blank(pushed, LET),
        Right(trusted),
        Right(trusted_by_another_file_name),
        Right(pushed_from_node_2),
        Right(renewed),
        Wrong(insecure, INSECURE, TAKE_BACK),
        Wrong(insecure_by_address, INSECURE, TAKE_BACK),
        Wrong(
            trusted_without_port,
            f'/etc/docker/certs.d of node 2 has ["registry.lab"], wanted {ADDRESS}',
            "the folder is called as the registry is in a reference, port included",
        ),
        Wrong(trusted_as_pem, f'{TRUST} has ["ca.pem"], wanted ca.crt', "the ending must be .crt"),
        Wrong(
            trusted_as_cert,
            f"node 2's engine cannot use {TRUST}: missing key ca.key for client certificate ca.cert. "
            "CA certificates must use the extension .crt",
            "an authority's file ends in .crt; .cert and .key are for a client's own certificate",
        ),
        Wrong(
            trusted_on_node_1,
            "node 1 has the certificate in its certs.d, node 2 has not",
            "the engine that pulls has to trust: lab.node(2).write_file(…)",
        ),
        Wrong(another_certificate_trusted, NO_VOUCHER, COPY),
        Wrong(
            trusted_for_port_5000,
            f"the certificate of {ADDRESS} is in {TRUST.replace('5001', '5000')} of node 2, wanted {TRUST}",
            "the folder is called as the registry is in a reference: this one has port 5001",
        ),
        Wrong(
            trusted_and_not_pulled,
            f"node 2 trusts {ADDRESS} and has not pulled hello-world from it",
            f'lab.node(2).docker.images.pull("{ADDRESS}/hello-world", tag="latest")',
        ),
        Wrong(trusted_and_not_pushed, f"{ADDRESS} has no hello-world:latest", PUSH),
        Wrong(
            another_image_trusted,
            'hello-world:latest is not hello-world: its config has other ["Labels"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
        ),
        Wrong(
            pulled_before_another_push,
            f"node 2 trusts {ADDRESS} and has not pulled hello-world from it",
            f'lab.node(2).docker.images.pull("{ADDRESS}/hello-world", tag="latest")',
        ),
    ],
    "5.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Anyone between engine and registry can read passwords and send other images.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "Encrypted, but to whom? Any certificate will do, an impostor's too, and plain HTTP as well.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "Nothing is checked twice; the certificate is not checked at all.",
            "",
            choose("b"),
        ),
    ],
    "5.5": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The client has the root; the registry must send all that lies between.",
            choose("a"),
        ),
        Wrong(
            nothing,
            "That would work until the next renewal. The authority is there to make it needless.",
            "",
            choose("b"),
        ),
        Wrong(
            nothing,
            "It may: its certificate says CA:TRUE.",
            "",
            choose("c"),
        ),
    ],
    "5.6": [
        Blank(nothing, FIRST),
        Blank(trusted, INTERMEDIATE),
        Blank(not_restarted, INTERMEDIATE),
        Right(renewed),
        Right(renewed_in_a_new_container),
        Wrong(
            gap_in_the_chain,
            f"{ADDRESS} serves 1 certificate and not that of CN=Lab intermediate",
            "cat renewed.crt /srv/ca/intermediate.crt > shelf.crt: the registry sends what is in that file",
        ),
        Wrong(
            signed_by_the_root,
            "the certificate is signed by the root itself, wanted the intermediate",
            "-CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key, as two.issue(…) does",
        ),
        Wrong(
            intermediate_trusted,
            'node 2 trusts ["CN=Lab intermediate"] directly, wanted the root alone',
            "with the root in ca.crt, the next intermediate needs no change on node 2",
        ),
        Wrong(old_trust_kept, NO_VOUCHER, COPY),
        Wrong(
            old_trust_beside_the_root,
            'node 2 still trusts ["CN=registry.lab"] beside the root, wanted the root alone',
            f"remove the old certificate from {TRUST}",
        ),
        Wrong(
            chain_upside_down,
            f"container shelf is exited, wanted running: {NO_MATCH}",
            KEY,
        ),
        Wrong(
            renewed_with_an_expired_one,
            f"the certificate of {ADDRESS} has expired, wanted one that is valid today",
            DAYS,
        ),
        Wrong(
            pushed_again_into_an_empty_registry,
            "hello-world was pushed after the registry started again: the push of before is lost, or was redone",
            "restart the container, or run a new one on the same folder, and do not push",
        ),
        Wrong(
            pushed_again_and_made_older,
            "hello-world was pushed after the registry started again: the push of before is lost, or was redone",
            "restart the container, or run a new one on the same folder, and do not push",
        ),
        Wrong(
            renewed_by_an_authority_of_ones_own,
            "the certificate is signed by CN=Mine, wanted the lab's intermediate",
            "-CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key, as two.issue(…) does",
        ),
        Wrong(lost, f"{ADDRESS} has no hello-world:latest", PUSH),
    ],
}
