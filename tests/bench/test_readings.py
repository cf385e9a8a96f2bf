"""What is read off the machine: memory, bytes, resolvers, times in JUnit files."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.bench import lesson_times
from labs.bench.network_namespace import default_interface, received_bytes, resolver_is_local
from labs.bench.open_times import memory_bytes
from labs.bench.setting import BenchError, run

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
"""
COUNTERS = """Inter-|   Receive                            |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
    lo:     100       1    0    0    0     0          0         0      100       1
  eth0: 2500000    1700    0    0    0     0          0         0    90000     900
"""


@pytest.mark.parametrize("name", ["total_inactive_file", "inactive_file"])
def test_memory_leaves_out_the_cache_nobody_needs(name: str) -> None:
    stats = {"memory_stats": {"usage": 100, "stats": {name: 30, "active_file": 5}}}
    assert memory_bytes(stats) == 70


def test_memory_that_is_not_counted_is_an_error() -> None:
    with pytest.raises(BenchError, match="counts no memory"):
        memory_bytes({"memory_stats": {}})


def test_received_bytes_are_those_of_the_default_interface() -> None:
    assert received_bytes(COUNTERS, default_interface(ROUTES)) == 2_500_000


def test_missing_route_and_missing_interface_are_errors() -> None:
    with pytest.raises(BenchError, match="no default route"):
        default_interface(ROUTES.rsplit("eth0", 1)[0])
    with pytest.raises(BenchError, match="eth1"):
        received_bytes(COUNTERS, "eth1")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("nameserver 127.0.0.53\noptions edns0\n", True),
        ("nameserver ::1\n", True),
        ("nameserver 10.0.0.1\n", False),
        ("nameserver 127.0.0.53\nnameserver fe80::1%eth0\n", False),
    ],
)
def test_resolver_is_local_only_if_all_are(text: str, local: bool) -> None:
    assert resolver_is_local(text) is local


def test_junit_seconds_add_up_all_cells(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    cases = '<testcase time="0.5"/><testcase time="1.25"><skipped/></testcase>'
    junit.write_text(f'<testsuites><testsuite time="9">{cases}</testsuite></testsuites>')
    assert lesson_times.junit_seconds(junit) == 1.75


@pytest.mark.process
def test_run_that_fails_tells_the_command_its_status_and_its_last_words() -> None:
    with pytest.raises(BenchError, match=r"sh -c: exit status 3: no bridge"):
        run(["sh", "-c", "echo no bridge >&2; exit 3"])
