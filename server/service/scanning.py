"""The hook for a virus scanner: a program of the installation that looks at every upload before it is kept."""

from __future__ import annotations

import logging
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from server.errors import Unavailable
from server.service.refusals import refuse_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Scanner = Callable[[bytes, str], None]
    """Looks at a file for somebody who reads a language; raises `SubmissionInvalid` when it must not be kept and
    `Unavailable` when it cannot tell."""

CLEAN = 0
REFUSED = 1
LONGEST_SECONDS = 60

log = logging.getLogger(__name__)


def scan_nothing(content: bytes, locale: str) -> None:
    """Take every file: no scanner is configured."""
    del content, locale


def find_scanner(command: Sequence[str]) -> Scanner:
    """Return the scanner that a command makes, or the one that takes everything."""
    return partial(scan_with, command) if command else scan_nothing


def scan_with(command: Sequence[str], content: bytes, locale: str) -> None:
    """Give a file to a program on its standard input: exit code 0 is clean, 1 refused, anything else no answer.

    These are the codes of ClamAV's `clamdscan -`. A file that nobody has looked at is never kept.
    """
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=LONGEST_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the scanner %s gives no answer: %s", command[0], type(error).__name__)  # noqa: TRY400 - no traceback: it would quote the file
        raise Unavailable("The file cannot be looked through just now: try again later.") from error
    if done.returncode == REFUSED:
        raise refuse_file("harmful", locale)
    if done.returncode != CLEAN:
        log.error("the scanner %s ended with code %s", command[0], done.returncode)
        raise Unavailable("The file cannot be looked through just now: try again later.")
