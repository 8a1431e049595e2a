"""Runs couriers in processes of their own that die where they are told to.

python couriers.py DATABASE_URL DATA_DIR MAIL_PORT     # reads `MINUTES DEATH` from its input, a courier each

The courier's clock is MINUTES after the hour at which everything began; it dies before the statement or commit with the
number DEATH, counted from one (0: by nobody's hand but another's). Prints `pid N`, then `killed` or `done`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from load.three_step.installation import SECRET_KEY
from sqlalchemy import event

from server.actions import ACTIONS
from server.config import Config
from server.courier import Courier
from server.model import MailServer
from server.service.context import Context
from server.store import Store

BEGINNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
VAULT_KEY = b"v" * 32


def make_config(database_url: str, data_dir: Path, port: int) -> Config:
    """Return the settings that the test and its couriers share."""
    server = MailServer("127.0.0.1", port, "none", "muster@district.example")
    return Config(data_dir, database_url, secret_key=SECRET_KEY, vault_keys=(VAULT_KEY,), mail_server=server)


def carry(config: Config, minutes: float, death: int) -> None:
    """Tell and send what is due, and die on the way."""
    context = Context(config, lambda: BEGINNING + timedelta(minutes=minutes), Store.open(config.database_url), ACTIONS)
    left = death

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    courier = Courier(context)
    event.listen(context.store._engine, "before_cursor_execute", count)
    event.listen(context.store._engine, "commit", count)
    courier.run_due()


def main() -> None:
    """Run one courier after the other."""
    database_url, data_dir, port = sys.argv[1:]
    config = make_config(database_url, Path(data_dir), int(port))
    for line in sys.stdin:
        minutes, death = line.split()
        child = os.fork()
        if child == 0:
            carry(config, float(minutes), int(death))
            os._exit(0)
        sys.stdout.write(f"pid {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        outcome = "done" if status == 0 else "killed" if os.WIFSIGNALED(status) else f"failed {status}"
        sys.stdout.write(outcome + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
