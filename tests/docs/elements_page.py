"""docs/elements.md, written from the table that the reader of diagrams judges by. Run by `make docs`."""

from __future__ import annotations

from pathlib import Path

from server.catalog.elements import DOCUMENTATION, EVENT_KINDS, FLOW_NODES, MARKERS, REFUSED, ElementRule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "elements.md"

INTRODUCTION = """\
# BPMN elements
Written by `make docs` from `server/catalog/elements.py`, the table by which diagrams are judged; do not edit here.
`muster check PATH …` and every deployment name each element that is not executed exactly, with its id; nothing is
skipped in silence. How to draw with them: [modelling.md](modelling.md).
"""


def write_page() -> str:
    """Return the text of the page."""
    kinds = ", ".join(f"{kind} (`{name}`)" for name, kind in EVENT_KINDS.items())
    parts = [
        INTRODUCTION,
        "## Executed",
        _table({**FLOW_NODES, **MARKERS}, "what it does"),
        f"Kinds of events: {kinds}, and events without a definition. The table says which event takes which.\n",
        "## Documentation",
        "Kept in the diagram and shown to readers; the process runs the same without them.\n",
        _table(DOCUMENTATION, "remark"),
        "## Refused",
        "A diagram that holds one of these is not deployed.\n",
        _table(REFUSED, "what to draw instead"),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _table(rules: dict[str, ElementRule], heading: str) -> str:
    lines = [f"| element | {heading} |", "|---|---|"]
    lines += [f"| `{rule.name}` | {rule.remark} |" for rule in rules.values()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
