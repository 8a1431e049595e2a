"""What a check found, in words for people and as a document for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server.service.checks import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.model import Finding
    from server.service.checks import Check, CheckedFile

WHOLE_FILE = "the file"


def lines(check: Check, *, quiet: bool) -> Iterator[str]:
    """Yield a line for each verdict, below it one for each finding (unless `quiet`), and the summary."""
    for file in check.files:
        yield _plain(f"{file.name}: {file.verdict}{_counts(file)}")
        for finding in () if quiet else file.findings:
            yield _plain(f"  {finding.severity}: {finding.path}: {_element(file, finding)}: {finding.message}")
    summary = check.summary()
    width = max(map(len, summary), default=0)
    yield ""
    for verdict, number in summary.items():
        yield f"{verdict:<{width}}  {number:>5}"
    yield f"{'files':<{width}}  {len(check.files):>5}"


def _counts(file: CheckedFile) -> str:
    words = {"error": "finding", "warning": "warning", "note": "note"}
    found = [(file.count(severity), word) for severity, word in words.items()]
    return "".join(f", {number} {word}{'s' if number > 1 else ''}" for number, word in found if number)


def _element(file: CheckedFile, finding: Finding) -> str:
    name = file.names.get(finding.element_id)
    shown = f" ({' '.join(name.split())})" if name else ""
    return f"{finding.element_id or WHOLE_FILE}{shown}"


def _plain(text: str) -> str:
    """Return a line that does not break and does not move a terminal's cursor."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def document(check: Check) -> str:
    """Return the verdicts as JSON (ASCII only), for other programs."""
    files = [
        {
            "file": file.name,
            "verdict": file.verdict,
            "accepted": file.verdict in ACCEPTED,
            "processes": file.processes,
            "findings": [
                {
                    "severity": finding.severity,
                    "elementId": finding.element_id,
                    "elementName": file.names.get(finding.element_id),
                    "message": finding.message,
                    "path": finding.path,
                }
                for finding in file.findings
            ],
        }
        for file in check.files
    ]
    return json.dumps({"files": files, "summary": check.summary()}, indent=2)
