"""A server process of our own: started, watched through /proc, stopped or killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from .installation import Installation

START_SECONDS = 90
STOP_SECONDS = 45
COMMAND = "from server.cli import main; main()"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).resolve().parents[3]


class Process:
    """A `muster` command with all processes that it forks, in a process group of its own."""

    def __init__(self, installation: Installation, *arguments: str, ready: str) -> None:
        """Start the command; `ready` is in the line by which it says that it works."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        self._log: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments, "--data-dir", str(installation.data_dir)],
            cwd=ROOT,
            env=environment | {"MUSTER_DATABASE_URL": installation.database_url, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._works = False
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()

    def _read(self, ready: str) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._log.append(line)
            if ready in line:
                self._works = True
                self._told.set()
        self._told.set()  # it has ended: nobody needs to wait any longer

    @property
    def log(self) -> str:
        """Everything the processes have written so far."""
        return "".join(self._log)

    def wait_ready(self) -> None:
        """Wait until the command works; raises `RuntimeError` with its output when it does not."""
        self._told.wait(START_SECONDS)
        if not self._works:
            self.kill()
            raise RuntimeError(f"the command did not start:\n{self.log}")

    def pids(self) -> list[int]:
        """Return the ids of the process and of all its children."""
        found = [self._process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def kill(self) -> None:
        """Kill every process of the command at once (SIGKILL)."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the command to end; kill it when it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._signal(signal.SIGKILL)  # children that outlived it

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Self:
        self.wait_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Server(Process):
    """`muster serve` on a free port, without the example district; `flags` are further ones of the command."""

    def __init__(self, installation: Installation, *flags: str) -> None:
        self.port = _free_port()
        bind = f"127.0.0.1:{self.port}"
        super().__init__(installation, "serve", "--bind", bind, "--no-demo", *flags, ready="serves on")

    def cpu_seconds(self) -> float:
        """User and system time that the processes have used so far."""
        return sum(_cpu_ticks(pid) for pid in self.pids()) / TICKS

    def worker_bytes(self) -> int:
        """Resident memory of the largest process: the web process; its parent only watches it."""
        return max(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids()) * PAGE_BYTES

    def written_bytes(self) -> int:
        """Bytes that the processes have handed to the file system's storage so far."""
        return sum(_written(pid) for pid in self.pids())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _cpu_ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def _written(pid: int) -> int:
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])
