"""Workers in processes of their own, of which the oldest is killed every second and another one takes its place.

python mortals.py DATABASE_URL DATA_DIR COUNT     # until its standard input ends; prints how many were killed
"""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path

from load.three_step.installation import Installation, open_context

from server.worker import Worker

SECONDS = 1


def fork_worker(installation: Installation) -> int:
    """Return the id of a new process that works until it is killed; forked, for starting takes longer than a second."""
    child = os.fork()
    if child == 0:
        Worker(open_context(installation)).run()
    return child


def kill(child: int) -> None:
    """Kill -9, and wait until the process is no more."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    """Keep that many workers at work."""
    database_url, data_dir, count = sys.argv[1:]
    installation = Installation(database_url, Path(data_dir), {})
    living = [fork_worker(installation) for _ in range(int(count))]
    killed = 0
    while not select.select([sys.stdin], [], [], SECONDS)[0]:
        kill(living.pop(0))
        killed += 1
        living.append(fork_worker(installation))
    for child in living:
        kill(child)
    sys.stdout.write(f"{killed}\n")


if __name__ == "__main__":
    main()
