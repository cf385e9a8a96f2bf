"""Good and bad references; the tables follow distribution/reference's own tests."""

import pytest

from labs.registry import InvalidReference, Reference

HEX = "0123456789abcdef" * 4
SHA = f"sha256:{HEX}"

GOOD = [
    ("hello-world", "docker.io", "library/hello-world", "latest", ""),
    ("hello-world:linux", "docker.io", "library/hello-world", "linux", ""),
    ("docker.io/hello-world", "docker.io", "library/hello-world", "latest", ""),
    ("index.docker.io/hello-world", "docker.io", "library/hello-world", "latest", ""),
    ("library/hello-world", "docker.io", "library/hello-world", "latest", ""),
    ("team/app", "docker.io", "team/app", "latest", ""),
    ("docker.io/team/app", "docker.io", "team/app", "latest", ""),
    ("127.0.0.1:5000/hello-world", "127.0.0.1:5000", "hello-world", "latest", ""),
    ("127.0.0.1:5000/hello-world:latest", "127.0.0.1:5000", "hello-world", "latest", ""),
    ("localhost/app", "localhost", "app", "latest", ""),
    ("localhost:5000/team/app/api:1.0", "localhost:5000", "team/app/api", "1.0", ""),
    ("registry.lab/app", "registry.lab", "app", "latest", ""),
    ("Registry/app", "Registry", "app", "latest", ""),
    ("local/app", "docker.io", "local/app", "latest", ""),
    ("[::1]:5000/app:v1", "[::1]:5000", "app", "v1", ""),
    ("[2001:db8::1]/app", "[2001:db8::1]", "app", "latest", ""),
    (f"app@{SHA}", "docker.io", "library/app", "", SHA),
    (f"127.0.0.1:5000/app:v1@{SHA}", "127.0.0.1:5000", "app", "v1", SHA),
    (f"app@sha512:{HEX * 2}", "docker.io", "library/app", "", f"sha512:{HEX * 2}"),
    (f"app@sha384:{HEX}{HEX[:32]}", "docker.io", "library/app", "", f"sha384:{HEX}{HEX[:32]}"),
    ("a__b/c--d.e_f", "docker.io", "a__b/c--d.e_f", "latest", ""),
    ("app:_x.Y-1", "docker.io", "library/app", "_x.Y-1", ""),
    ("app:" + "t" * 128, "docker.io", "library/app", "t" * 128, ""),
    ("registry.lab/" + "a" * 255, "registry.lab", "a" * 255, "latest", ""),
    ("xn--n3h.com/app", "xn--n3h.com", "app", "latest", ""),
    ("app:5000", "docker.io", "library/app", "5000", ""),
]

BAD = [
    ("", "parts"),
    (":latest", "parts"),
    ("app:", "tag"),
    ("app:-x", "tag"),
    ("app:.x", "tag"),
    ("app:latest\n", "tag"),
    ("app:" + "t" * 129, "tag"),
    ("app:é", "tag"),
    ("Hello-World", "lower case"),
    ("127.0.0.1:5000/Hello", "lower case"),
    ("a/B/c", "lower case"),
    ("-app", "parts"),
    ("app-", "parts"),
    ("a..b", "parts"),
    ("a___b", "parts"),
    ("a//b", "parts"),
    ("registry.lab/", "parts"),
    ("app name", "parts"),
    ("http://127.0.0.1:5000/app", "no scheme; the registry's host"),
    ("https://registry.lab/app", "no scheme"),
    ("-bad-.com/app", "host"),
    ("127.0.0.1:port/app", "host"),
    ("/app", "parts"),
    (HEX, "image ID"),
    ("app@sha256:abc", "digest"),
    (f"app@sha256:{HEX.upper()}", "digest"),
    ("app@", "digest"),
    (f"app@invaliddigest:{HEX}", "Docker has sha256 (64), sha384 (96), sha512 (128)"),
    (f"app@sha512:{HEX}", "sha512 has 128"),
    (f"app@sha384:{HEX}", "sha384 has 96"),
    (f"app@sha256:{HEX * 2}", "sha256 has 64"),
    (f"app@sha1:{HEX[:40]}", "Docker has sha256"),
    (f"app@md5:{HEX[:32]}", "Docker has sha256"),
    (f"app@SHA256:{HEX}", "Docker has sha256"),
    (f"app@sha256+b64:{HEX}", "Docker has sha256"),
    (f"app@sha256:{HEX[:-1]}g", "sha256 has 64"),
    (f"app@sha256:{HEX}\n", "sha256 has 64"),
    (f"app@:{HEX}", "Docker has sha256"),
    (f"app@sha256-{HEX}", "Docker has sha256"),
    (f"app@{SHA}@{SHA}", "digest"),
    ("registry.lab/" + "a" * 256, "255"),
]


@pytest.mark.parametrize(("text", "registry", "repository", "tag", "digest"), GOOD)
def test_parse_good_reference_gives_its_parts(text, registry, repository, tag, digest):
    assert Reference.parse(text) == Reference(registry, repository, tag, digest)


@pytest.mark.parametrize(("text", "rule"), BAD)
def test_parse_bad_reference_says_rule_example_and_what_was_seen(text, rule):
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(text)
    assert rule in caught.value.message
    assert repr(text) in caught.value.message
    example = caught.value.hint.removeprefix("a good one: ")
    assert Reference.parse(example)


@pytest.mark.parametrize("text", [row[0] for row in GOOD])
def test_str_parsed_again_gives_the_same(text):
    once = Reference.parse(text)
    assert Reference.parse(str(once)) == once == Reference.parse(once.familiar)


@pytest.mark.parametrize(
    ("text", "familiar"),
    [
        ("docker.io/library/hello-world", "hello-world:latest"),
        ("docker.io/library/team/app", "library/team/app:latest"),
        ("docker.io/team/app:1", "team/app:1"),
        ("127.0.0.1:5000/library/app", "127.0.0.1:5000/library/app:latest"),
    ],
)
def test_familiar_drops_what_docker_drops(text, familiar):
    assert Reference.parse(text).familiar == familiar


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:5000/app", "127.0.0.1", 5000),
        ("[::1]:443/app", "[::1]", 443),
        ("[::1]/app", "[::1]", None),
        ("app", "docker.io", None),
    ],
)
def test_host_and_port_are_parts_of_the_registry(text, host, port):
    reference = Reference.parse(text)
    assert (reference.host, reference.port) == (host, port)
