"""Couriers that are killed: every event is one mail to each person, wherever the courier died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from couriers import BEGINNING, make_config
from load.three_step.served import ROOT

from server.access import SYSTEM
from server.actions import ACTIONS
from server.model import Condition, DeliveryState, Preferences, Query
from server.service import deployments, identity, notifications
from server.service.context import Context
from server.service.process_instances import StartRequest, start_process_instance
from server.store import Store
from tests.receivers import open_mailbox
from tests.unit.engine.diagrams import diagram, flows, process, start, user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.receivers import Mailbox

COURIERS = Path(__file__).with_name("couriers.py")
PEOPLE = ("lin", "he")
ERRAND = diagram(
    process("errand", start(), user("do", '<zeebe:assignmentDefinition candidateGroups="desk@north" />'),
            flows("start -> do"))
)  # fmt: skip
FEWEST_DEATHS, MOST_DEATHS = 25, 120
LEASE_MINUTES = 10
PATIENCE_SECONDS = 30


class Town:
    """A database in which tasks open, and couriers that can be killed."""

    def __init__(self, mailbox: Mailbox, database_url: str, data_dir: Path) -> None:
        data_dir.mkdir()
        self.mailbox = mailbox
        self.minutes = 0
        config = make_config(database_url, data_dir, mailbox.port)
        self.context = Context(config, self._now, Store.open(database_url), ACTIONS)
        deployments.deploy(self.context, SYSTEM, [("errand.bpmn", ERRAND)])
        for name in PEOPLE:
            identity.add_user(self.context, SYSTEM, name, None, groups=["desk@north"])
            notifications.set_preferences(self.context, SYSTEM, Preferences(name, f"{name}@district.example"))
        self._line = subprocess.Popen(
            [sys.executable, COURIERS, database_url, data_dir, str(mailbox.port)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.courier = 0
        self.sent_out = threading.Event()

    def _now(self):
        return BEGINNING + timedelta(minutes=self.minutes)

    def open_task(self) -> None:
        start_process_instance(self.context, SYSTEM, StartRequest(process_id="errand"))

    def send_courier(self, death: int = 0) -> str:
        """Let a courier of its own process work, later than any lease of the one before; return how it ended."""
        assert self._line.stdin is not None
        assert self._line.stdout is not None
        self.minutes += LEASE_MINUTES
        self.sent_out.clear()
        self._line.stdin.write(f"{self.minutes} {death}\n")
        self._line.stdin.flush()
        self.courier = int(self._line.stdout.readline().split()[1])
        self.sent_out.set()
        return self._line.stdout.readline().strip()

    def kill_courier(self) -> None:
        assert self.sent_out.wait(PATIENCE_SECONDS)
        os.kill(self.courier, signal.SIGKILL)

    def take_mails(self) -> list[str]:
        """Return whom the mails since the last time were for."""
        found = sorted(mail["To"].partition("@")[0] for mail in self.mailbox.mails)
        self.mailbox.mails.clear()
        return found

    def states(self) -> Counter[DeliveryState]:
        with self.context.store.reading() as reading:
            mails = reading.search_deliveries(Query(conditions=(Condition("channel", "eq", "mail"),), limit=1000))
        return Counter(one.state for one in mails.items)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._line.stdin is not None
        assert self._line.stdout is not None
        self._line.stdin.close()
        self._line.wait(PATIENCE_SECONDS)
        self._line.stdout.close()
        self.context.store.close()


@contextmanager
def opened(database_url: str, data_dir: Path) -> Iterator[Town]:
    with open_mailbox() as mailbox, Town(mailbox, database_url, data_dir) as town:
        yield town


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)], ids=["a_few", "all"])
def test_death_before_any_statement_or_commit_leaves_one_mail_for_each(
    database_url: str, tmp_path: Path, every: int
) -> None:
    with opened(database_url, tmp_path / "data") as town:
        for death in range(every, MOST_DEATHS, every):
            town.open_task()
            outcome = town.send_courier(death)
            assert town.send_courier() == "done"
            assert town.take_mails() == sorted(PEOPLE), f"death before statement {death}"
            if outcome == "done":
                break
            assert outcome == "killed"
        assert FEWEST_DEATHS < death < MOST_DEATHS - every
        states = town.states()
        assert states.keys() <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}
        assert states[DeliveryState.UNCERTAIN] < states[DeliveryState.SENT]


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT", "DATA", "END"])
def test_death_in_the_middle_of_a_mail_leaves_one_for_each(database_url: str, tmp_path: Path, stage: str) -> None:
    with opened(database_url, tmp_path / "data") as town:
        died: list[str] = []

        def kill(reached: str) -> None:
            if reached == stage and not died:
                died.append(stage)
                town.kill_courier()

        town.mailbox.on = kill
        town.open_task()
        assert town.send_courier() == "killed"
        assert died
        assert town.send_courier() == "done"
        assert town.take_mails() == sorted(PEOPLE)
        assert town.send_courier() == "done"
        assert town.take_mails() == []
