"""Completes tasks in processes of their own that die: the first at its first statement, the second at its second …

python deaths.py DATABASE_URL DATA_DIR PERSON TASK …     # prints `killed` or `done` for each task
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from load.three_step.client import fill_in
from load.three_step.installation import GROUP, Installation, open_context
from sqlalchemy import event

from server.access import Actor
from server.service.user_tasks import complete_user_task


def complete(installation: Installation, person: str, task_key: int, number: int) -> None:
    """Complete a task, and die before the statement or the commit with this number, counted from one."""
    context = open_context(installation)
    left = number

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    next(context.store.keys)  # takes a block of keys in a transaction of its own: that is not what is tried here
    event.listen(context.store._engine, "before_cursor_execute", count)
    event.listen(context.store._engine, "commit", count)
    actor = Actor(person, "user", groups=frozenset({GROUP}))
    complete_user_task(context, actor, task_key, fill_in("register", number))


def main() -> None:
    """Run one child after the other."""
    database_url, data_dir, person, *tasks = sys.argv[1:]
    installation = Installation(database_url, Path(data_dir), {})
    for number, task_key in enumerate(tasks, start=1):
        child = os.fork()
        if child == 0:
            complete(installation, person, int(task_key), number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        outcome = "done" if status == 0 else "killed" if os.WIFSIGNALED(status) else f"failed {status}"
        sys.stdout.write(outcome + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
