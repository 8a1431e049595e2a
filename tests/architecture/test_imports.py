"""The import contracts of pyproject.toml hold, and they bite."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# One line that each contract must find: (module, line, contract).
VIOLATIONS = [
    ("access.py", "import server.service.context", "layers"),
    ("stray.py", "", "layers"),
    ("feel/numbers.py", "import server.errors", "languages"),
    ("catalog/markup.py", "import server.config", "definitions"),
    ("engine/values.py", "import server.forms", "engine"),
    ("governance/organisation.py", "import server.feel", "leaves"),
    ("actions/inputs.py", "import server.engine", "actions"),
    ("api/me.py", "import server.store", "doors"),
    ("service/lists.py", "import flask", "web"),
    ("service/lists.py", "import sqlalchemy", "database"),
    ("catalog/diagram.py", "import SpiffWorkflow", "spiffworkflow"),
]


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    options = [option for contract in contracts for option in ("--contract", contract)]
    command = [LINT_IMPORTS, "--no-logo", "--no-cache", *options]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False, timeout=120)


def test_every_import_goes_where_it_may() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_every_contract_finds_a_violation(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "server", tmp_path / "server", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, line, _ in VIOLATIONS:
        with (tmp_path / "server" / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    contracts = sorted({contract for _, _, contract in VIOLATIONS})
    result = lint(tmp_path)
    assert result.returncode == 1
    assert f"0 kept, {len(contracts)} broken" in result.stdout, result.stdout
    for wording in ("server.access -> server.service.context", "server.stray", "server.service.lists -> sqlalchemy"):
        assert wording in result.stdout
