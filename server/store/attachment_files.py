"""The uploaded files themselves: in the data directory, outside everything that a web server gives out.

A file appears whole or not at all: it is written beside its place, forced to the disk, and moved there once its row is
committed. Names are random and say nothing.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import Unavailable

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = "attachments"
ARRIVING = "arriving"
OWNER_ONLY = 0o700
NO_PLACE = "The file cannot be kept just now: tell whoever runs this server."
FREE_BYTES = 512 * 1024 * 1024
"""How much of the disk uploads leave alone: the database needs it."""


@dataclass(frozen=True, slots=True)
class AttachmentFiles:
    """The folder of an installation's attachments."""

    data_dir: Path

    def write(self, content: bytes) -> str:
        """Write a file that is still arriving and return its name; raises `Unavailable` when the disk is full."""
        name = secrets.token_hex(16)
        try:
            folder = self._folder(ARRIVING)
            if _free_bytes(folder) < FREE_BYTES + len(content):
                raise Unavailable("The disk is nearly full, so no files are taken: tell whoever runs this server.")
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.discard(name)
            raise Unavailable(NO_PLACE) from error
        return name

    def keep(self, name: str) -> None:
        """Move an arriving file to its place; raises `Unavailable` when the disk does not let it."""
        try:
            folder = self._folder(name[:2])
            (self._folder(ARRIVING) / name).replace(folder / name)
            _settle(folder)
        except OSError as error:
            raise Unavailable(NO_PLACE) from error

    def discard(self, name: str) -> None:
        """Delete a file, wherever it is; what cannot be deleted is named in the log."""
        for folder in (ARRIVING, name[:2]):
            try:
                (self.data_dir / FOLDER / folder / name).unlink(missing_ok=True)
            except OSError as error:
                log.warning("the file %s in %s/%s cannot be deleted: %s", name, FOLDER, folder, error.strerror)

    def read(self, name: str) -> bytes:
        """Return the content; raises `Unavailable` when the file is not there."""
        try:
            return (self.data_dir / FOLDER / name[:2] / name).read_bytes()
        except OSError as error:
            raise Unavailable("The file is not in the data directory: it has to come back from a back-up.") from error

    def discard_stranded(self, before: datetime) -> int:
        """Delete what was arriving when a server was stopped, and return how many files these were."""
        try:
            found = list(self._folder(ARRIVING).iterdir())
            stranded = [path for path in found if path.stat().st_mtime < before.timestamp()]
        except OSError as error:  # another worker was faster, or may not write here
            log.warning("the files in %s/%s cannot be looked through: %s", FOLDER, ARRIVING, error.strerror)
            return 0
        for path in stranded:
            self.discard(path.name)
        return len(stranded)

    def _folder(self, name: str) -> Path:
        home = self.data_dir / FOLDER
        home.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        (home / name).mkdir(mode=OWNER_ONLY, exist_ok=True)
        return home / name


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _settle(folder: Path) -> None:
    """Wait until the disk knows what is in a folder."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
