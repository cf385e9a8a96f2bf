"""Telling from a cell's text whether running it shows something. It runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

PRINTING_LAB_CALLS = ("check", "hint", "progress", "question", "shell", "solution", "storage")


def prints(code: str) -> bool:
    """Tell from its text whether a cell shows something.

    A call of print, display or lab.check and its like does, in a loop or `with` too; so does a last
    line that is a value. Another call there may return None, and one that ends in `;` is silent.
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:  # a shell line or a magic
        return True
    if any(_is_printing_call(node) for node in _surely_run(body)):
        return True
    last = body[-1] if body else None
    silent = code.rstrip().endswith(";")
    return isinstance(last, ast.Expr) and not silent and not isinstance(last.value, ast.Call)


def _surely_run(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        # Not `if` or a function: whether their body runs is not in the text.
        if isinstance(statement, (ast.For, ast.With, ast.Try)):
            yield from _surely_run(statement.body)


def _is_printing_call(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    called = statement.value.func
    if isinstance(called, ast.Name):
        return called.id in ("print", "display")
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "lab"
        and called.attr in PRINTING_LAB_CALLS
    )
