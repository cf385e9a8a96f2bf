"""The commands of a lesson: which blocks are in them, in which order, and what becomes of one that fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from labs.bench.lesson_commands import counted, script
from labs.bench.setting import BenchError
from labs.builder import LessonFiles, lessons

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") or "bash"
SOURCE = """# %% [markdown] id="twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# echo one
# echo …
# # node 2; lab.shell(2) prints how to get there
# echo 'on two'
# # node 1
# false # fails
# ```
#
# </details>
#
# <details><summary>Another way (not run here)</summary>
#
# ```bash
# echo never
# ```
#
# </details>

# %% id="after"
print("hi")
"""
ADDITIONS = """# Counted: two words.

# %% fill twin
'the rest'

# %% twin
echo waited

# %% after
echo last
"""
SHELL = 'block() { echo "node $1: $2"; }\n'


@pytest.fixture
def files(tmp_path: Path) -> LessonFiles:
    (tmp_path / "solutions").mkdir()
    made = LessonFiles(tmp_path, "09-toy")
    made.source.write_text(SOURCE)
    made.commands.write_text(ADDITIONS)
    return made


def printed(files: LessonFiles, monkeypatch: pytest.MonkeyPatch) -> subprocess.CompletedProcess:
    home = files.root / "baselines"
    home.mkdir()
    (home / "lesson.sh").write_text("set -e\n" + SHELL)
    monkeypatch.setattr("labs.bench.lesson_commands.BASELINES", home)
    return subprocess.run([BASH, "-c", script(files)], text=True, capture_output=True, check=False)


@pytest.mark.process
def test_blocks_run_in_order_each_part_on_its_node_and_additions_after_them(
    files: LessonFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = printed(files, monkeypatch)
    assert done.returncode == 0, done.stderr
    told = ["one", "the rest", "node 2: echo 'on two'", "waited", "last"]
    assert [line for line in done.stdout.splitlines() if line] == told
    assert counted(files) == "two words."


@pytest.mark.process
@pytest.mark.parametrize(
    ("old", "new", "stderr"),
    [
        ("# false # fails", "# true # fails", "this was to fail: true\n"),
        ("# echo one", "# false", ""),
        ("# false # fails", "# false", ""),
    ],
)
def test_block_that_fails_or_does_not_where_it_should_ends_the_script(
    files: LessonFiles, monkeypatch: pytest.MonkeyPatch, old: str, new: str, stderr: str
) -> None:
    files.source.write_text(SOURCE.replace(old, new))
    done = printed(files, monkeypatch)
    assert (done.returncode, done.stderr) == (1, stderr)
    assert "last" not in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# %% after", "# %% gone", r"cells that the lesson has not: \['gone'\]"),
        ("'the rest'\n", "", "has 1 …, the additions fill 0"),
        ("'the rest'", "a\nb", "has 1 …, the additions fill 2"),
    ],
)
def test_additions_that_do_not_fit_the_lesson_are_refused(
    files: LessonFiles, old: str, new: str, told: str
) -> None:
    files.commands.write_text(ADDITIONS.replace(old, new))
    with pytest.raises(BenchError, match=told):
        script(files)


def test_lesson_without_additions_is_its_blocks(files: LessonFiles) -> None:
    files.commands.unlink()
    files.source.write_text(SOURCE.replace("# echo …\n", ""))
    assert "echo one" in script(files)
    assert counted(files) == ""


@pytest.mark.process
@pytest.mark.parametrize("files", lessons(ROOT), ids=lambda files: files.slug, indirect=False)
def test_commands_of_every_lesson_hold_each_block_and_bash_can_read_them(
    files: LessonFiles,
) -> None:
    text = script(files)
    subprocess.run([BASH, "-n", "-c", text], check=True)
    shown = re.findall(
        r"^# <details><summary>The same with .*?^# </details>",
        files.source.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    for block in shown:
        first = re.search(r"^# ```bash\n(?:# #.*\n)*# (\w.*?)(?:  # fails|…|\\)?\n", block, re.M)
        assert first
        assert first[1].strip() in text


def test_every_file_of_additions_belongs_to_a_lesson() -> None:
    stems = {path.stem for path in (ROOT / "solutions").glob("*.sh")}
    assert stems <= {files.stem for files in lessons(ROOT)}
