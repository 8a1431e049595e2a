"""What lies in the repository: the product alone, for everybody's machine."""

from __future__ import annotations

import re
import subprocess

import pytest
from source_code import ROOT

# Put together from parts, so that this file does not match itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:" + "|".join(["wor" + "k", "roo" + "t", "hom" + "e/\\w+", "opt/py" + "pi"]) + r")/\w"
)
REGISTRY = re.compile(
    "|".join(["files\\.python" + "hosted", "py" + "pi\\.org", "registry\\.npm" + "js", "_auth" + "Token"])
)
SECRET = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
AUTHORSHIP = re.compile(r"(?i)\b(?:" + "|".join(["co-authored" + "-by", "generated " + "with", "as an a" + "i "]) + ")")


def tracked_texts() -> list[tuple[str, str]]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, text=True, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout: which files belong to the repository is unknown")
    texts = []
    for name in filter(None, listing.stdout.split("\0")):
        file = ROOT / name
        if file.is_file():
            texts.append((name, file.read_bytes().decode("utf-8", errors="replace")))
    return texts


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY, SECRET, AUTHORSHIP], ids=lambda p: p.pattern[:12])
def test_no_file_speaks_of_a_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in tracked_texts()
        if name != "LICENSE"
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_nothing_made_is_tracked() -> None:
    made = re.compile(r"(^|/)(node_modules|dist|__pycache__|\.venv|data)/|\.(pyc|db|whl)$|\.egg-info/")
    assert [name for name, _ in tracked_texts() if made.search(name)] == []


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[?Unreleased\]?$", text, re.MULTILINE)


def test_every_dependency_is_locked_with_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        packages = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
        blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert len(packages) == len(blocks) > 30
        assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_both_locks_agree() -> None:
    def versions(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    everything = versions("requirements-dev.lock")
    assert {
        name: version for name, version in versions("requirements.lock").items() if everything.get(name) != version
    } == {}
