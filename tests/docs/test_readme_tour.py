"""The tour of README.md, run word for word against a server that was started as `make run` starts it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
READMES = ["README.md", "README.zh-CN.md"]
BLOCK = r"<!-- tour: {} -->\n```sh\n(.*?)```"

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed: the README's tour was not run")


def block(readme: str, name: str) -> str:
    found = re.search(BLOCK.format(name), (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{readme} has no block {name!r}"
    return found[1]


@dataclass(frozen=True)
class Installation:
    """A served installation and what its first start printed."""

    url: str
    printed: str

    def password(self, pattern: str) -> str:
        found = re.search(pattern + r" / (\S+)", self.printed)
        assert found, self.printed
        return found[1]


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    muster = Path(sys.executable).with_name("muster")
    server = subprocess.Popen(
        [muster, "serve", "--bind", bind, "--data-dir", tmp_path_factory.mktemp("data")],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert server.stdout
    try:
        printed = ""
        for line in server.stdout:  # ends when the server does
            printed += line
            if line.startswith("deployed:"):
                break
        yield Installation(f"http://{bind}", printed)
    finally:
        server.send_signal(signal.SIGINT)
        rest = server.communicate(timeout=60)[0]
    assert "Traceback" not in rest


def settings(readme: str, installation: Installation) -> str:
    """Return the settings block as a reader would fill it in."""
    text = block(readme, "settings")
    text = text.replace("http://127.0.0.1:8080", installation.url)
    text = text.replace("ADMIN=admin:PASSWORD", f"ADMIN=admin:{installation.password('administrator: admin')}")
    return text.replace("DESK=lin_yue:PASSWORD", f"DESK=lin_yue:{installation.password('lin_yue')}")


@needs_curl
@pytest.mark.parametrize("readme", READMES)
def test_the_tour_works_word_for_word(readme: str, installation: Installation) -> None:
    script = settings(readme, installation) + block(readme, "steps")
    assert "PASSWORD" not in script
    done = subprocess.run(
        ["bash", "-e", "-u", "-c", script], cwd=ROOT, text=True, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout
    assert '"deploymentKey"' in printed
    assert '"processDefinitionId":"three_list_issue"' in printed
    assert '"formId":"issue_triage"' in printed
    assert re.search(r'"pointer":"/urgency".* 422\n', printed), printed
    assert "\n 204\n" in printed
    rows = printed[printed.index("key,listName") :].splitlines()[1:]
    assert len(rows) == 1
    assert all(",problem,JX-" in row and "楼道堆物" in row for row in rows)


def test_both_languages_show_the_same_commands() -> None:
    english, chinese = (re.sub(r"#.*", "", block(name, "settings") + block(name, "steps")) for name in READMES)
    assert english == chinese


def test_the_address_is_said_once() -> None:
    assert "127.0.0.1" not in block("README.md", "steps")
    assert block("README.md", "settings").count("127.0.0.1") == 1
