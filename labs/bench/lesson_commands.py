"""The `docker` commands of a lesson as one bash script: the blocks that the lesson shows, and its additions.

Beside a cell that uses the SDK, a lesson shows the same step as a folded block of commands. The script holds all of
them, in order. What no block shows (answers of exercises, files made in Python, waits) is in the additions of the
lesson, `solutions/NN-<slug>.sh`, in sections that name a cell:

    # %% answer-1-2         commands that run at that cell, after its block where it has one
    # %% fill survive-twin  a line for each `…` of the block of that cell, in order

In a block, the lines after `# node 2` run on that node. A command is expected to fail where its line ends in
`# fails`. `baselines/lesson.sh` is the shell that all this runs in.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from labs.bench.setting import BASELINES, BenchError, Setting, run
from labs.builder import LessonFiles, page, source
from labs.lesson import Lab

ELLIPSIS = "…"

_COUNTED = "# Counted:"
_FAILS = "# fails"
_SECTION = re.compile(r"^# %% (fill )?([\w-]+)\n", re.MULTILINE)
_NODE = re.compile(r"^# (?:on )?node (\d)\b.*\n?", re.MULTILINE)
_HOST = ("HOST", "TLS_VERIFY", "CERT_PATH")


def script(files: LessonFiles) -> str:
    """The commands of a lesson, with the shell that they run in.

    Raises:
        BenchError: The additions name a cell that the lesson has not, or do not fill each `…` of a block.
    """
    additions, fills = _sections(files)
    parts = [(BASELINES / "lesson.sh").read_text()]
    for cell in source.read(files.source).cells:
        blocks = page.command_blocks(cell) if cell.cell_type == "markdown" else []
        for block in blocks:
            block = _filled(block, fills.pop(cell.id, []), cell.id)
            # The shell names this cell where a command fails.
            parts += [f"CELL={cell.id}", *_by_node(block)]
        if cell.id in additions:
            parts += [f"CELL={cell.id}", _expecting(additions.pop(cell.id))]
    unknown = sorted({*additions, *fills})
    if unknown:
        raise BenchError(
            f"{files.commands.name} has sections of cells that the lesson has not: {unknown}"
        )
    return "\n".join(parts) + "\n"


def counted(files: LessonFiles) -> str:
    """What the commands do beside the lesson's own steps: the lines of the additions that begin with `# Counted:`."""
    lines = _text(files).splitlines()
    return " ".join(line.removeprefix(_COUNTED).strip() for line in lines if line[:10] == _COUNTED)


def run_commands(setting: Setting, files: LessonFiles, lab: Lab) -> None:
    """Run the commands of a lesson in its open playground.

    Raises:
        BenchError: One failed, or one that is to fail did not; the message names its cell.
    """
    # Before the run: the shell would report it in the middle of a lesson.
    for program in ("docker", "bash", "curl"):
        if not shutil.which(program):
            raise BenchError(f"the commands of a lesson need `{program}`", hint="install it")
    host = setting.docker_environment()
    nodes, ports = lab.nodes, lab.lesson.ports
    environment = {
        **os.environ,
        **nodes[0].environment(),
        **{f"PORT_{port}": nodes[0].url(port).rpartition(":")[2] for port in ports},
        **{f"NODE_{number}": str(node.container.name) for number, node in enumerate(nodes, 1)},
        # The commands talk to node 1; those for the host's engine take its variables under these
        # names.
        "HUB": lab.hub.url if lab.lesson.hub else "",
        **{f"HOST_{name}": host.get(f"DOCKER_{name}", "") for name in _HOST},
    }
    with tempfile.TemporaryDirectory(prefix="labs-commands-") as folder:
        run(["bash", "-c", script(files)], environment, Path(folder))


def _text(files: LessonFiles) -> str:
    return files.commands.read_text(encoding="utf-8") if files.commands.is_file() else ""


def _sections(files: LessonFiles) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The additions by cell, and the lines that fill the `…` of blocks."""
    additions: dict[str, str] = {}
    fills: dict[str, list[str]] = {}
    _, *parts = _SECTION.split(_text(files))
    for fill, cell, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if fill:
            fills[cell] = body.strip("\n").splitlines()
        else:
            additions[cell] = body.strip("\n")
    return additions, fills


def _filled(block: str, values: list[str], cell: str) -> str:
    """The block with each `…` replaced."""
    if block.count(ELLIPSIS) != len(values):
        raise BenchError(
            f"the block of cell {cell!r} has {block.count(ELLIPSIS)} {ELLIPSIS}, the additions fill {len(values)}",
            hint=f"# %% fill {cell}, then a line for each",
        )
    for value in values:
        block = block.replace(ELLIPSIS, value, 1)
    return block


def _by_node(block: str) -> Iterator[str]:
    """The parts of a block: those of node 1 as they are, those of another node as an argument of `block`."""
    first, *rest = _NODE.split(block)
    yield _expecting(first)
    for number, text in zip(rest[::2], rest[1::2], strict=True):
        text = _expecting(text)
        yield text if number == "1" else f"block {number} {shlex.quote(text)}"


def _expecting(text: str) -> str:
    """The commands, where each line that ends in `# fails` is one that must fail."""
    if _FAILS not in text:
        return text
    # A command over several lines is one command: the mark is at the end of its last line.
    lines = text.replace("\\\n", " ").splitlines()
    return "\n".join(_must_fail(line) if line.endswith(_FAILS) else line for line in lines)


def _must_fail(line: str) -> str:
    command = line.removesuffix(_FAILS).strip()
    said = shlex.quote(f"this was to fail: {command}")
    return f"if {{ {command}; }}; then echo {said} >&2; exit 1; fi"
