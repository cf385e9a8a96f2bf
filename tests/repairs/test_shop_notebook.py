"""The notebook of the repair shop: what it calls exists, and on a real engine it leads to a mended registry."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from labs import repairs
from labs.builder import Sanitizer, run, shop_notebook, source
from labs.engine import Engine
from labs.playground import remove_all
from labs.repairs import RepairLab, all_scenarios
from tests.engine_fixtures import course_folder

ROOT = Path(__file__).parents[2]
NAME = "http-response-to-https-client"
MENDS = "from labs.repairs.repair_lab import solve\nsolve(repair)"


def notebook() -> NotebookNode:
    return source.read_ipynb(shop_notebook.notebook_of(ROOT))


def test_notebook_calls_what_exists() -> None:
    code = "\n".join(cell.source for cell in notebook().cells if cell.cell_type == "code")
    used = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    called = {node.attr for node in used if getattr(node.value, "id", "") == "repair"}
    assert {"reproduce", "check", "hint", "solution", "terminal", "close"} <= called
    assert [name for name in called if not hasattr(RepairLab, name)] == []
    imported = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    names = [each.name for node in imported for each in node.names]
    assert [name for name in names if name not in repairs.__all__] == []


def test_list_has_name_symptom_and_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_COURSE", str(tmp_path))
    head, *lines = repairs.repair_list().splitlines()
    every = all_scenarios()
    assert head.split() == ["name", "lesson", "what", "is", "seen"]
    assert [line.split()[0] for line in lines] == [each.slug for each in every]
    assert all(line.endswith(each.title) for line, each in zip(lines, every, strict=True))
    assert all(line.split()[1].isdigit() for line in lines)


def test_notebook_that_differs_from_its_source_is_a_problem(tmp_path: Path) -> None:
    assert list(shop_notebook.problems(tmp_path)) == []  # a course without the shop
    for folder in ("solutions", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "solutions" / "repair-shop.py").write_text('# %% id="one"\n1\n')
    assert [reason for _, reason in shop_notebook.problems(tmp_path)] == [
        "missing: run `labs build`"
    ]
    (path,) = shop_notebook.make(tmp_path)
    assert list(shop_notebook.problems(tmp_path)) == []
    path.write_text("{}")
    assert [each for each, _ in shop_notebook.problems(tmp_path)] == [path]


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(300)
def test_notebook_leads_from_the_list_to_a_mended_registry(engine: Engine, tmp_path: Path) -> None:
    with course_folder(tmp_path):
        try:
            said = run_with({"open": ('name = ""', f'name = "{NAME}"')}, tmp_path)
        finally:
            remove_all(engine)
    assert NAME in said["list"]
    assert "HTTP response to HTTPS client" in said["open"] + said["look"]
    assert "registry:2" in said["look"]
    assert said["blank"].startswith(f"{NAME} not attempted: ")
    assert said["check"].startswith(f"{NAME} passed")
    assert said["hint"].startswith(f"{NAME} hint 1 of 3: ")
    assert "reload_engine" in said["solution"]
    assert f"labs mend {NAME} --check" in said["terminal"]


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.timeout(300)
def test_without_a_name_one_is_drawn_and_found_again(engine: Engine, tmp_path: Path) -> None:
    again = (
        "repair =",
        "import random\nrandom.seed(1)\nfirst = labs.mend(name or next_repair().slug)\nrepair =",
    )
    wanted = "print(first.scenario == repair.scenario)"
    with course_folder(tmp_path):
        try:
            said = run_with({"open": again, "mend": ('sh("ls -R /srv")', wanted)}, tmp_path)
        finally:
            remove_all(engine)
    assert said["mend"] == "True\n"
    assert repairs.find(said["check"].split()[0]).symptom.splitlines()[0] in said["open"]


def run_with(changes: dict[str, tuple[str, str]], cwd: Path) -> dict[str, str]:
    """Run the notebook with changed cells, judged before the repair and after; what each cell showed as text."""
    changed = notebook()
    for cell in changed.cells:
        if cell.id in changes:
            assert changes[cell.id][0] in cell.source
            cell.source = cell.source.replace(*changes[cell.id])
    if "mend" not in changes:
        place = next(i for i, cell in enumerate(changed.cells) if cell.id == "mend")
        judged = new_code_cell("repair.check()", id="blank")
        changed.cells[place + 1 : place + 1] = [judged, new_code_cell(MENDS, id="mends")]
    ran = run(changed, cwd=cwd, sanitizer=Sanitizer.from_file(ROOT / "solutions" / "sanitize.cfg"))
    return {cell.id: _text(cell) for cell in ran.cells if cell.cell_type == "code"}


def _text(cell: NotebookNode) -> str:
    return "".join(
        each.get("text") or each.get("data", {}).get("text/plain", "") for each in cell.outputs
    )
