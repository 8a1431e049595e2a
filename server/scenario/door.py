"""The door through which a scenario acts on the server and looks at it: in this process, or over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.model import HistoryRecord, Incident, InstanceState, ListRow, UserTask


@dataclass(slots=True)
class Refused(Exception):
    """The server refused: HTTP status, its reason, and the pointers of the problems with what was sent."""

    status: int
    detail: str
    pointers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return status and reason."""
        return f"{self.status}: {self.detail}" + (f" ({', '.join(self.pointers)})" if self.pointers else "")


def only_latest(process_id: str, keys: Sequence[int]) -> int:
    """Return the one key that was found.

    :raises Refused: when none was
    """
    if not keys:
        raise Refused(404, f"expected an instance of {process_id!r}, but none has begun")
    return keys[0]


class Door(Protocol):
    """What scenarios need. `actor` is the name of an account; whatever is refused raises `Refused`."""

    def start(self, actor: str, process_id: str, variables: Mapping[str, object]) -> int:
        """Start a process and return the key of the instance."""

    def complete(self, actor: str, task_key: int, variables: Mapping[str, object]) -> None:
        """Complete a user task."""

    def add_signers(self, actor: str, task_key: int, names: Sequence[str]) -> None:
        """Have further people sign a user task (加签)."""

    def remove_signer(self, actor: str, task_key: int, name: str) -> None:
        """Have somebody sign no more (减签)."""

    def publish(self, actor: str, name: str, correlation_key: str, variables: Mapping[str, object]) -> None:
        """Publish a message without time to live."""

    def correlate(self, actor: str, name: str, correlation_key: str, variables: Mapping[str, object]) -> int:
        """Hand a message to the one who takes it, and return the key of that process instance."""

    def broadcast(self, actor: str, name: str, variables: Mapping[str, object]) -> None:
        """Broadcast a signal."""

    def cancel(self, actor: str, instance_key: int) -> None:
        """Cancel an instance."""

    def resolve(self, actor: str, incident_key: int) -> None:
        """Resolve an incident."""

    def set_variables(self, actor: str, scope_key: int, variables: Mapping[str, object]) -> None:
        """Write variables as an operator."""

    def find_tasks(self, actor: str) -> tuple[UserTask, ...]:
        """Return every open user task that the actor finds."""

    def find_incidents(self, actor: str) -> tuple[Incident, ...]:
        """Return every active incident."""

    def find_variables(self, actor: str, scope_key: int) -> Mapping[str, object]:
        """Return the variables of one scope."""

    def find_case(self, actor: str, case_no: str) -> int:
        """Return the root instance of a case."""

    def find_latest(self, actor: str, process_id: str) -> int:
        """Return the root instance of a process that began last."""

    def find_rows(self, actor: str, list_name: str) -> tuple[ListRow, ...]:
        """Return every row of a list in the order of adding."""

    def find_history(self, actor: str, root_key: int) -> tuple[HistoryRecord, ...]:
        """Return the path of a root instance and of everything it called."""

    def find_state(self, actor: str, instance_key: int) -> InstanceState:
        """Return the state of an instance."""
