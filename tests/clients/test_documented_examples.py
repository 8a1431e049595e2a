"""The examples of docs/api.md, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from permit_desk import ADMIN, FILES, FOLDER, PASSWORD, PERSON, PermitDesk

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = r"<!-- executed: {} -->\n```\w+\n(.*?)```"
PATIENCE_SECONDS = 180


@pytest.fixture(scope="module")
def fresh_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PermitDesk]:
    """Give an installation in which nothing of other tests waits: the examples take the first job and task."""
    home = tmp_path_factory.mktemp("examples")
    with PermitDesk(f"sqlite:///{home / 'muster.db'}", home) as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the example's files."""
    home = tmp_path / "work"
    home.mkdir()
    for file in FILES:
        shutil.copy(file, home)
    return home


def example(language: str) -> str:
    found = re.search(BLOCK.format(language), PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"docs/api.md has no example in {language}"
    return found[1]


def run(command: list[str], folder: Path, **settings: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CAMUNDA_", "ZEEBE_"))}
    done = subprocess.run(
        command, cwd=folder, env=environment | settings, capture_output=True, text=True, check=False,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed: the example of docs/api.md was not run")
def test_the_example_with_curl(fresh_desk: PermitDesk, folder: Path) -> None:
    settings = {"MUSTER": fresh_desk.url, "ADMIN": f"{ADMIN}:{PASSWORD}", "PERSON": f"{PERSON}:{PASSWORD}"}
    script = example("curl")
    told = run(["bash", "-e", "-u", "-o", "pipefail", "-c", script], folder, **settings)
    assert "permit_decision" in told
    assert '"state":"COMPLETED"' in told


def test_the_example_in_python(fresh_desk: PermitDesk, folder: Path) -> None:
    (folder / "example.py").write_text(example("python"), encoding="utf-8")
    told = run([sys.executable, "example.py"], folder, **fresh_desk.settings("OAUTH"))
    assert told == "Decide 决定 ['desk']\n"


def test_the_example_in_javascript(fresh_desk: PermitDesk, folder: Path, node: str) -> None:
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    (folder / "example.mjs").write_text(example("javascript"), encoding="utf-8")
    told = run([node, "example.mjs"], folder, **fresh_desk.settings("OAUTH"))
    assert told.splitlines()[-1] == "true"
