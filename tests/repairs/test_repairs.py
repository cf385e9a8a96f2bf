"""Each scenario on a real engine: the error in its words, and the check against right, blank and wrong repairs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labs.engine import Engine
from labs.lesson import Progress, Verdict
from labs.playground import Playground, PlaygroundSpec, remove_all
from labs.repairs import RepairLab, Scenario, all_scenarios
from labs.repairs.notes import Notes
from labs.repairs.repair_lab import solve
from tests.engine_fixtures import course_folder
from tests.repairs.cases import Do, WrongRepair, cases_of
from tests.repairs.repair_actions import make_clean
from tests.sizes import quick

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
SCENARIOS = {each.slug: each for each in all_scenarios()}
QUICK = (  # for `make test`: one of each kind, the others differ in what is broken
    "certificate-signed-by-unknown-authority",
    "connection-refused",
    "http-response-to-https-client",
    "layer-already-exists",
    "login-401-unauthorized",
    "manifest-unknown",
    "method-not-allowed",
    "operation-is-unsupported",
)
Broken = Callable[[Scenario], RepairLab]


@pytest.fixture(scope="module")
def broken(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    """Breaks one scenario after the other; those of one shape have the same playground, made clean each time."""
    playgrounds: dict[PlaygroundSpec, Playground] = {}
    with course_folder(tmp_path_factory.mktemp("course")) as folder:

        def make(scenario: Scenario) -> RepairLab:
            spec = scenario.spec
            if spec not in playgrounds:
                name = f"shop-{len(playgrounds)}"
                playgrounds[spec] = Playground.of(name, spec, engine).open()
            playground = playgrounds[spec]
            make_clean(playground)
            notes = dict(scenario.set_up(playground))
            Notes(playground.node(1).container.id or "", notes).write(scenario.slug)
            return RepairLab(scenario, playground, progress=Progress(folder / "progress.json"))

        try:
            yield make
        finally:
            remove_all(engine)


@pytest.mark.parametrize("scenario", quick(SCENARIOS, *QUICK))
def test_error_has_its_words_nothing_is_not_attempted_and_the_solution_passes(
    broken: Broken, scenario: Scenario
) -> None:
    slug = scenario.slug
    repair = broken(scenario)
    assert matches(scenario.words, scenario.reproduce(repair.playground))
    assert repair.verdict() == Verdict(
        slug, "not attempted", f"nothing has changed yet: {scenario.title}"
    )
    solve(repair)
    assert repair.verdict() == Verdict(slug, "passed")
    assert not matches(scenario.words, scenario.reproduce(repair.playground))


RIGHT = [
    pytest.param(slug, do, id=f"{slug}-{do.__name__}")
    for slug, scenario in SCENARIOS.items()
    for do in cases_of(scenario).right
]
WRONG = [
    pytest.param(slug, case, id=f"{slug}-{case.do.__name__}")
    for slug, scenario in SCENARIOS.items()
    for case in cases_of(scenario).wrong
]


@pytest.mark.full
@pytest.mark.parametrize(("slug", "do"), RIGHT)
def test_other_right_repair_passes(broken: Broken, slug: str, do: Do) -> None:
    repair = broken(SCENARIOS[slug])
    do(repair.playground)
    assert repair.verdict() == Verdict(slug, "passed")


@pytest.mark.full
@pytest.mark.parametrize(("slug", "case"), WRONG)
def test_wrong_repair_is_told_what_is_wrong(broken: Broken, slug: str, case: WrongRepair) -> None:
    repair = broken(SCENARIOS[slug])
    case.do(repair.playground)
    assert repair.verdict() == Verdict(slug, "not yet", case.message, case.hint)


def matches(words: str, said: str) -> bool:
    """Whether an error has these words; `…` is for what differs each time."""
    return bool(re.search(".*".join(map(re.escape, words.split("…"))), said, re.DOTALL))


@pytest.mark.full
def test_repair_is_opened_found_again_reset_and_closed(engine: Engine, tmp_path: Path) -> None:
    from labs.playground import NodeUnavailable
    from labs.repairs import open_repair

    scenario = SCENARIOS["http-response-to-https-client"]
    with course_folder(tmp_path):
        try:
            with pytest.raises(NodeUnavailable, match="is not open"):
                open_repair(scenario, fresh=False)
            first = open_repair(scenario).node(1).container.id
            again = open_repair(scenario, fresh=False)
            assert again.node(1).container.id == first
            assert again.verdict().outcome == "not attempted"
            # As if the set-up had been interrupted.
            Notes().write(scenario.slug)
            with pytest.raises(NodeUnavailable, match="is not open"):
                open_repair(scenario, fresh=False)
            assert open_repair(scenario).node(1).container.id != first
            again.close()
            with pytest.raises(NodeUnavailable, match="is not open"):
                open_repair(scenario, fresh=False)
        finally:
            remove_all(engine)
