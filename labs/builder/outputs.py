"""Outputs as they are stored: merged, masked, and without what differs on every run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from nbformat import NotebookNode

from labs.builder.sanitize import Sanitizer

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# A progress bar writes over its own line; only the last state is shown to a reader.
_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)


def normalize(notebook: NotebookNode, sanitizer: Sanitizer) -> NotebookNode:
    """Rewrite the outputs and metadata of an executed notebook, in place, to what every run gives.

    Each code cell records how many outputs it had, so that a cleared one is noticed:
    nbval compares nothing where nothing is stored.
    """
    kernelspec = notebook.metadata.kernelspec
    notebook.metadata = {"kernelspec": kernelspec, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [_masked(output, sanitizer) for output in _merged(cell.outputs)]
            cell.metadata["outputs"] = len(cell.outputs)
    return notebook


def _merged(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Give the outputs in order, with each run of stream chunks as one stdout and one stderr."""
    for is_stream, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        if not is_stream:
            yield from group
            continue
        streams: dict[str, NotebookNode] = {}
        for chunk in group:
            first = streams.setdefault(chunk.name, chunk)
            if first is not chunk:
                first.text += chunk.text
        # stdout before stderr: the kernel sends them in no fixed order.
        for name in sorted(streams, reverse=True):
            streams[name].text = _OVERWRITTEN.sub("", streams[name].text)
            yield streams[name]


def _masked(output: NotebookNode, sanitizer: Sanitizer) -> NotebookNode:
    if output.output_type == "stream":
        output.text = sanitizer.mask(output.text)
    elif output.output_type == "error":
        # A traceback holds this machine's paths and a process id; nbval compares name and value.
        output.evalue = sanitizer.mask(output.evalue)
        output.traceback = [f"{output.ename}: {output.evalue}"]
    else:
        output.metadata = {}
        # Its model id differs in each run, and no kernel is there to draw it.
        output.data.pop(WIDGET_VIEW, None)
        for mime, value in output.data.items():
            if isinstance(value, str):
                output.data[mime] = sanitizer.mask(value)
    return output
