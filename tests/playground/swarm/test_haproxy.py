"""The configuration that the edge gets."""

from labs.playground.swarm import haproxy


def test_config_leads_from_the_port_to_the_tasks_by_name():
    lines = [line.strip() for line in haproxy.config("registry", port=80, target=5000).splitlines()]
    assert "bind :80" in lines
    assert "server-template task 20 tasks.registry:5000" in lines
    assert "nameserver engine 127.0.0.11:53" in lines


def test_config_speaks_tcp_so_that_tls_passes_through():
    assert "mode tcp" in haproxy.config("registry", port=5000, target=5000)
    assert "mode http" not in haproxy.config("registry", port=5000, target=5000)


def service(name, port, mode, behind=""):
    ports = [{"PublishedPort": port, "PublishMode": mode}] if port else []
    labels = {haproxy.BEHIND: behind} if behind else {}
    return {"Spec": {"Name": name, "Labels": labels, "EndpointSpec": {"Ports": ports}}}


EDGE = service("edge-80", 80, "host", behind="web")


def test_edge_is_in_the_way_where_its_service_is_gone_or_publishes_the_port_itself():
    for others, wanted in (
        ([], True),
        ([service("web", 80, "host")], True),
        ([service("web", 0, "")], False),
        ([service("web", 81, "host")], False),
        ([service("web", 80, "ingress")], False),
        ([service("other", 80, "host")], True),
    ):
        assert haproxy.is_in_the_way(EDGE, [EDGE, *others]) is wanted
    assert not haproxy.is_in_the_way(service("web", 80, "host"), [EDGE])
