"""The web process: gunicorn with threads, started from Python, with the worker beside it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from server.app import context_of, create_app
from server.courier import start_couriers
from server.errors import SettingInvalid
from server.worker import start_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from server.config import Config

GRACEFUL_SECONDS = 30
LONGEST_REQUEST = 120
MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file of its own there, safely
"""Where the web process gives its signs of life, at every request: on a disk they wait for the database's commits."""


class WebProcess(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """One gunicorn process with threads; a second process would gain nothing on SQLite, which has one writer."""

    def __init__(self, config: Config, when_ready: Callable[[], None]) -> None:
        self.settings = config
        self.when_ready = when_ready
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        settings: dict[str, Any] = {
            "bind": self.settings.bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": self.settings.threads,
            "timeout": LONGEST_REQUEST,
            "graceful_timeout": GRACEFUL_SECONDS,
            "keepalive": 75,
            "accesslog": None,
            "loglevel": self.settings.log_level.lower() if self.settings.log_level != "INFO" else "warning",
            "proc_name": "muster",
            "control_socket_disable": True,
            "worker_tmp_dir": str(MEMORY) if os.access(MEMORY, os.W_OK) else None,
            "when_ready": lambda _: self.when_ready(),
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application; runs in the web process, after the fork, so that no connection is shared."""
        app = create_app(self.settings)
        start_thread(context_of(app))
        start_couriers(context_of(app))
        return app


def check_address(config: Config) -> None:
    """Raise `SettingInvalid` when nothing can be served on the address, e.g. because another program does.

    Asked before anything is prepared: a password that is shown once must not be made by a start that fails.
    """
    host, port = config.host_and_port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingInvalid(
            f"cannot serve on {config.bind}: {error.strerror}. Stop the program that serves there, "
            "or choose another address: muster serve --bind 127.0.0.1:8081, make run BIND=127.0.0.1:8081"
        ) from error


def serve(config: Config, when_ready: Callable[[], None]) -> None:
    """Serve until the process is told to stop; `when_ready` is called when the address listens."""
    WebProcess(config, when_ready).run()
