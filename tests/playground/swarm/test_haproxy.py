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
