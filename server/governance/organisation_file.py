"""One YAML file of the organisation, read entry by entry; mistakes become findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import yaml

from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
LONGEST_TEXT = 200
LARGEST_FILE = 5_000_000
"""Characters; a district with ten thousand people needs about one million."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file: its id, what it says, and where it stands (`people.yaml/3`, counted from 1)."""

    id: str
    values: Mapping[str, object]
    path: str

    def finding(self, message: str, key: str) -> Finding:
        """Make a finding about one key of this entry."""
        return Finding(self.id, message, f"{self.path}/{key}")

    def text(self, key: str, findings: list[Finding]) -> str:
        """Return a short text, or an empty one after noting a finding."""
        value = self.values.get(key)
        if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT:
            return value.strip()
        findings.append(self.finding(f"expected a text of 1 to {LONGEST_TEXT} characters, found {value!r}", key))
        return ""

    def texts(self, key: str, findings: list[Finding]) -> tuple[str, ...]:
        """Return a list of texts, or an empty one after noting a finding."""
        value = self.values.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        findings.append(self.finding(f"expected a list of texts, found {value!r}", key))
        return ()

    def day(self, key: str, findings: list[Finding]) -> date | None:
        """Return a day (YAML's own date, or the same as text); None where there is none, or after noting a finding."""
        value = self.values.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            findings.append(self.finding(f"expected a day such as 2026-01-01, found {value!r}", key))
            return None

    def period(self, first_key: str, last_key: str, findings: list[Finding]) -> tuple[date | None, date | None]:
        """Return the first and the last day, None for open; an end before the beginning is a finding."""
        first, last = self.day(first_key, findings), self.day(last_key, findings)
        if first is not None and last is not None and last < first:
            findings.append(self.finding(f"expected a day from {first} on, found {last}", last_key))
        return first, last


def read_entries(
    name: str, text: str | None, required: AbstractSet[str], optional: AbstractSet[str], findings: list[Finding]
) -> tuple[Entry, ...]:
    """Read the entries under the key `name` of the file `name`.yaml; unusable ones are left out with a finding."""
    path = f"{name}.yaml"
    items = _items(name, path, text, findings)
    entries: dict[str, Entry] = {}
    for number, item in enumerate(items, start=1):
        entry = _entry(item, f"{path}/{number}", required, optional, findings)
        if entry is None:
            continue
        if entry.id in entries:
            findings.append(entry.finding(f"expected every id once, found {entry.id!r} again", "id"))
        entries.setdefault(entry.id, entry)
    return tuple(entries.values())


def _items(name: str, path: str, text: str | None, findings: list[Finding]) -> list[object]:
    if text is None:
        findings.append(Finding(name, f"expected a file {path}, found none", path))
        return []
    if len(text) > LARGEST_FILE:
        findings.append(Finding(name, f"expected at most {LARGEST_FILE} characters, found {len(text)}", path))
        return []
    try:
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        findings.append(Finding(name, f"the file is not YAML: {' '.join(str(error).split())}", path))
        return []
    if not isinstance(content, Mapping) or set(content) != {name} or not isinstance(content[name], list):
        findings.append(Finding(name, f"expected one key {name!r} with a list of entries", path))
        return []
    return list(content[name])


def _entry(
    item: object, path: str, required: AbstractSet[str], optional: AbstractSet[str], findings: list[Finding]
) -> Entry | None:
    if not isinstance(item, Mapping):
        findings.append(Finding(path, f"expected keys and values, found {item!r}", path))
        return None
    entry_id = item.get("id")
    if not isinstance(entry_id, str) or not ID.fullmatch(entry_id):
        findings.append(Finding(path, f"expected an id of letters, digits and _, found {entry_id!r}", f"{path}/id"))
        return None
    entry = Entry(entry_id, item, path)
    missing, unknown = required - set(item), set(item) - required - optional
    findings.extend(entry.finding("expected this key, found none", key) for key in sorted(missing))
    findings.extend(entry.finding("this key is not known here", str(key)) for key in sorted(unknown, key=str))
    return None if missing else entry
