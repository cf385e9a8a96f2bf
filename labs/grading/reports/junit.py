"""`junit.xml`: what nbval saw of each cell, and each verdict as a test case, for programs that read JUnit."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable

from labs.grading.models import Mark, Result
from labs.grading.reports.escaping import sanitize_line, sanitize_text

# pytest writes the sign that begins a color as text, because XML cannot hold it.
_COLOR = re.compile(r"(?:#x1B|\x1b)\[[0-9;]*m")
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)\s+Traceback \(most recent call last\)$", re.MULTILINE)
_ENDED = re.compile(r"^pytest plugin exception: (?!Kernel dead)(.*)$", re.MULTILINE)
# Some lines on a feedback page; the message of an exception may be of any length.
_SAID_MOST = 2500
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(results: Iterable[Result]) -> str:
    """One suite of verdicts for each submission, and one of its cells where nbval ran it.

    An exercise that is not passed is a failure; one that the machine could not judge is an error.
    """
    root = ET.Element("testsuites", name="labs grade")
    for result in results:
        name = f"{sanitize_line(result.student)} / {sanitize_line(result.slug)}"
        _suite(root, name, [_verdict(mark, name) for mark in result.marks or (_lost(result),)])
        if cells := _cells(result.junit):
            for cell in cells:
                cell.set("classname", name)
            _suite(root, f"{name} / cells", cells)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def errors(result: Result) -> dict[int, str]:
    """What ended a cell's run too early, by the number of the code cell: `NameError: name 'x' is …`.

    The message comes first, then the last lines of the traceback. These texts come from the student's own kernel: they
    are shown, and decide nothing.
    """
    found = {}
    for case in _cells(result.junit):
        number = re.fullmatch(r"Cell (\d{1,6})", case.get("name", ""))
        failure = case.find("failure")
        if number and failure is not None and (said := _said(case, failure.text or "")):
            found[int(number[1])] = said[:_SAID_MOST]
    return found


def _said(case: ET.Element, text: str) -> str:
    """What the sandbox kept of the cell's error, or else what nbval wrote of it."""
    for each in case.findall("properties/property[@name='raised']"):
        return each.get("value", "")
    plain = _COLOR.sub("", text)
    if ended := _ENDED.search(plain):
        return ended[1]
    *_, raised = (None, *_RAISED.finditer(plain))  # the last one came of those before it
    if raised is None:
        return ""
    # The message is at the end, which is missing where the text was too long.
    after = plain[raised.end() :].splitlines()
    lines = [each for each in after if each.startswith(f"{raised[1]}: ")]
    return lines[-1] if lines else raised[1]


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    counts = {
        key: str(sum(c.find(tag) is not None for c in cases)) for key, tag in _COUNTED.items()
    }
    seconds = sum(float(case.get("time", 0)) for case in cases)
    counts |= {"name": name, "tests": str(len(cases)), "time": f"{seconds:.3f}"}
    suite = ET.SubElement(root, "testsuite", counts)
    suite.extend(cases)


def _verdict(mark: Mark, classname: str) -> ET.Element:
    name = f"{mark.exercise} {sanitize_line(mark.title)}".strip()
    case = ET.Element("testcase", classname=classname, name=name, time=f"{mark.seconds:.3f}")
    if mark.outcome != "passed":
        tag = "error" if mark.outcome == "not graded" else "failure"
        failure = ET.SubElement(case, tag, type=mark.outcome, message=sanitize_line(mark.message))
        failure.text = sanitize_text(mark.hint)
    return case


def _lost(result: Result) -> Mark:
    return Mark("", "submission", 0, 0, "not reached", result.problem)


def _cells(text: str) -> list[ET.Element]:
    """The test cases in pytest's own file; none where the text is not one."""
    if "<!" in text.split("<testcase", 1)[0]:  # pytest writes no document type, which can explode
        return []
    try:
        root = ET.fromstring(text)
        cases = list(root.iter("testcase"))
        for case in cases:
            # `_suite` adds these up.
            float(case.get("time", 0))
    except (ET.ParseError, ValueError):
        return []
    return cases
