"""What a playground may be made for, and when a node fits."""

import pytest

from labs.playground import PlaygroundError, PlaygroundSpec


@pytest.mark.parametrize(("managers", "workers"), [(0, 2), (-1, 0), (1, -1), (10, 0), (5, 5)])
def test_swarm_of_a_silly_size_is_an_error_with_a_hint(managers, workers):
    with pytest.raises(PlaygroundError, match=f"{managers} managers and {workers} workers") as no:
        PlaygroundSpec(managers=managers, workers=workers)
    assert "managers=3, workers=2" in no.value.hint


def test_plan_of_a_swarm_counts_managers_and_workers_as_nodes():
    spec = PlaygroundSpec((5000, 80), nodes=1, managers=2, workers=1)
    assert (spec.swarm, spec.size, spec.names) == (True, 3, ["node1", "node2", "node3"])


def test_plan_without_a_swarm_has_the_label_of_its_ports():
    assert PlaygroundSpec((5000, 80), nodes=2).label == "ports=5000,80"


@pytest.mark.parametrize(
    ("made_for", "why"),
    [
        (PlaygroundSpec(managers=3), ""),
        (PlaygroundSpec(managers=5), "another swarm"),
        (PlaygroundSpec(managers=2, workers=1), "another swarm"),
        (PlaygroundSpec(nodes=3), "another swarm"),
        (PlaygroundSpec((80,), managers=3), "other ports"),
    ],
)
def test_node_made_for_another_plan_differs(made_for, why):
    assert PlaygroundSpec(managers=3).differs(made_for.label) == why
