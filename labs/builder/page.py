"""A lesson as a page of the site: nbconvert markdown for Python-Markdown with pymdownx.

Answers are folded, the `docker` twin of an SDK cell is in a tab beside it, and the outputs of
the stored run follow. Inside a fold they are text: raw HTML cannot be indented in markdown.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbconvert import MarkdownExporter
from nbformat import NotebookNode
from traitlets.config import Config

from labs.builder import answer_markers, source
from labs.builder.folders import BuildError
from labs.builder.printing import prints
from labs.builder.selfcontained import is_self_contained

TEMPLATES = Path(__file__).parent / "templates"

_DETAILS = re.compile(
    r"<details>\s*<summary>(?P<title>.*?)</summary>(?P<body>.*?)</details>[ \t]*\n?", re.DOTALL
)
_SHELLS = {"The same with docker": "docker command", "The same with curl": "curl command"}
"""The titles of a step's twins: folds with the same step in a shell; and what the tab on the page is called."""
_COMMANDS = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LESSON_LINK = re.compile(r"(\]\(\d\d-[a-z0-9-]+)\.ipynb(?=[)#])")
_SITE_LINK = re.compile(r"\]\(\.\./site/([a-z-]+\.md)(?=[)#])")
_FILE_LINK = re.compile(r"\[([^][]+)\]\(\.\./labs/[\w/.-]+\)")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class About:
    """What the head of a page says about its lesson."""

    title: str
    description: str
    minutes: int | None = None


@dataclass
class _Step:
    """A code cell with what belongs to it, or a text cell alone."""

    cell: NotebookNode
    twins: list[tuple[str, str]] = field(default_factory=list)


def write(lesson_ipynb: Path, out_dir: Path, about: About | None = None) -> Path:
    """Write the page of an executed lesson, and the notebook that it offers, into `out_dir`.

    Args:
        lesson_ipynb: The executed notebook.
        out_dir: The folder of the site's lessons; made if missing.
        about: Head of the page; read from the notebook's first cells if not given.

    Returns:
        The page.
    """
    notebook = source.read_ipynb(lesson_ipynb)
    download = lesson_ipynb.name
    page = out_dir / f"{lesson_ipynb.stem}.md"
    out_dir.mkdir(parents=True, exist_ok=True)
    page.write_text(text(notebook, about or _about(notebook), download), encoding="utf-8")
    (out_dir / download).write_text(
        source.ipynb_text(answer_markers.strip(notebook)), encoding="utf-8"
    )
    return page


def text(notebook: NotebookNode, about: About, download: str) -> str:
    """Return the markdown of a page.

    Args:
        notebook: The executed lesson.
        about: Head of the page.
        download: Address of the student's notebook, relative to the page.
    """
    shown = source.copy_of(notebook)
    shown.cells = [_prepared(step) for step in _steps(shown.cells)]
    exporter = MarkdownExporter(  # type: ignore[no-untyped-call]
        template_name="lesson",
        extra_template_basedirs=[str(TEMPLATES)],
        config=Config({"MarkdownExporter": {"preprocessors": []}}),
        filters={"json": json.dumps},
    )
    body, _ = exporter.from_notebook_node(shown, resources={"about": about})
    link = f"[Download this notebook]({download}){{ .md-button download }}"
    return re.sub(r"^# .+$", rf"\g<0>\n\n{link}", body.strip(), count=1, flags=re.MULTILINE) + "\n"


def _about(notebook: NotebookNode) -> About:
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    if not title:
        raise BuildError("make a page: the lesson has no title", hint="Open it with `# Title`.")
    first = re.search(r"^(?![#<>|*`\s-]).+(?:\n.+)*", prose[title.end() :], re.MULTILINE)
    return About(title[1].strip(), " ".join(first[0].replace("`", "").split()) if first else "")


def _steps(cells: list[NotebookNode]) -> Iterator[_Step]:
    """Give the cells in order, each code cell with the twins from the text right after it."""
    step: _Step | None = None
    for cell in cells:
        if cell.cell_type == "markdown" and step and step.cell.cell_type == "code":
            step.twins += twins(cell)
            cell.source = _DETAILS.sub(lambda m: "" if _is_twin(m) else m[0], cell.source)
        if step:
            yield step
        step = _Step(cell)
    if step:
        yield step


def twins(cell: NotebookNode) -> list[tuple[str, str]]:
    """Return the twins that a text cell holds: each with the name of its tab, without the fold around it."""
    folds = (match for match in _DETAILS.finditer(cell.source) if _is_twin(match))
    return [(_SHELLS[fold["title"].strip()], fold["body"]) for fold in folds]


def command_blocks(cell: NotebookNode) -> list[str]:
    """Return the shell commands of the folds of a text cell that do the step before it in another way, in order."""
    folds = (match for match in _DETAILS.finditer(cell.source) if _is_twin(match))
    return [block for fold in folds for block in _COMMANDS.findall(fold["body"])]


def _is_twin(match: re.Match[str]) -> bool:
    return match["title"].strip() in _SHELLS


def _prepared(step: _Step) -> NotebookNode:
    """Put what the template shows of a cell into its metadata, as markdown."""
    cell = step.cell
    if cell.cell_type != "code":
        cell.source = _DETAILS.sub(lambda m: _fold("note", m["title"], m["body"]), cell.source)
        # A notebook links to notebooks, a page to pages.
        cell.source = _LESSON_LINK.sub(r"\1.md", cell.source)
        cell.source = _SITE_LINK.sub(r"](../\1", cell.source)
        # A file beside the notebook is not on the site: its name is left.
        cell.source = _FILE_LINK.sub(r"`\1`", cell.source)
        if answer_markers.is_solution_only(cell) and cell.source.strip():
            cell.source = _fold("success", "Answer", cell.source)
        return cell
    cell.metadata["page"] = "\n\n".join(_answer(step) if _is_answer(cell) else _open(step))
    return cell


def _is_answer(cell: NotebookNode) -> bool:
    return bool(answer_markers.blocks(cell)) or answer_markers.is_solution_only(cell)


def _open(step: _Step) -> list[str]:
    code = _with_twins(_fence("python", step.cell.source), step.twins)
    return [code, *(_output(output, folded=False) for output in step.cell.outputs)]


def _answer(step: _Step) -> list[str]:
    """Show the code that is given, and fold the answer. Outputs follow the part that prints."""
    cell = step.cell
    given = "" if answer_markers.is_solution_only(cell) else answer_markers.given(cell)
    answer = "\n".join(answer_markers.blocks(cell)) or cell.source
    code = _with_twins(_fence("python", textwrap.dedent(answer)), step.twins)
    is_open = prints(given)
    shown = [_output(output, folded=not is_open) for output in cell.outputs]
    if is_open:
        return [_fence("python", given), *shown, _fold("success", "Answer", code)]
    before = [_fence("python", given)] if given else []
    return [*before, _fold("success", "Answer", "\n\n".join([code, *shown]))]


def _with_twins(code: str, twins_of_it: list[tuple[str, str]]) -> str:
    if not twins_of_it:
        return code
    tabs: dict[str, list[str]] = {}
    for name, body in twins_of_it:
        tabs.setdefault(name, []).append(body)
    own = "Docker SDK" if "docker command" in tabs else "Python"
    return _tab(own, code) + "".join(_tab(name, "\n\n".join(each)) for name, each in tabs.items())


def _fold(kind: str, title: str, body: str) -> str:
    label = title.strip().replace('"', "'")
    return f'\n??? {kind} "{label}"\n\n{_indented(body)}\n\n'


def _tab(title: str, body: str) -> str:
    return f'=== "{title}"\n\n{_indented(body)}\n\n'


def _indented(body: str) -> str:
    return textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")


def _fence(info: str, body: str) -> str:
    # Longer than any fence in the body, which would otherwise end this one (CommonMark, "Fenced
    # code blocks").
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", body)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{info}\n{body.rstrip()}\n{ticks}"


def _output(output: NotebookNode, *, folded: bool) -> str:
    if output.output_type == "stream":
        return _plain(output.text)
    if output.output_type == "error":
        # Name and value; a traceback holds paths of the machine that ran it.
        return _plain(f"{output.ename}: {output.evalue}")
    html, svg = output.data.get("text/html", ""), output.data.get("image/svg+xml", "")
    for picture in (html, svg):
        # Output of a kernel becomes part of the site: nothing in it may run or load anything.
        if picture and not folded and is_self_contained(picture):
            return _raw(picture)
    return _plain(output.data.get("text/plain", ""))


def _plain(body: str) -> str:
    # Terminal colors are control characters in a page.
    body = _ANSI.sub("", body)
    return _fence("{ .text .output .no-copy }", body) if body.strip() else ""


def _raw(picture: str) -> str:
    """Wrap HTML or SVG as one block: a blank line inside would end it for some markdown readers."""
    lines = (line or " " for line in picture.strip().splitlines())
    return '<div class="output-view">\n' + "\n".join(lines) + "\n</div>"
