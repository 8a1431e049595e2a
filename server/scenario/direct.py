"""The door inside the process: the use cases themselves, with the actor that the credentials stand for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import MusterError
from server.model import Condition, IncidentState, Query, Sort, UserTaskState
from server.scenario.door import Refused, only_latest
from server.service import (
    cases,
    co_signers,
    history,
    incidents,
    lists,
    messages,
    process_instances,
    signals,
    user_tasks,
    variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from server.access import Actor
    from server.model import HistoryRecord, Incident, InstanceState, ListRow, UserTask, Variables
    from server.service.context import Context

BECAUSE = "scenario"
"""The reason for what needs one."""
EVERYTHING = 10_000
"""More than one scenario makes of anything; the largest page of a search."""


@dataclass(frozen=True, slots=True)
class DirectDoor:
    """Calls the use cases; `identify` signs an account in."""

    context: Context
    identify: Callable[[str], Actor]

    def start(self, actor: str, process_id: str, variables: Variables) -> int:
        """Start a process and return the key of the instance."""
        request = process_instances.StartRequest(process_id=process_id, variables=variables)
        with _refusals():
            return process_instances.start_process_instance(self.context, self.identify(actor), request).instance.key

    def complete(self, actor: str, task_key: int, variables: Variables) -> None:
        """Complete a user task."""
        with _refusals():
            user_tasks.complete_user_task(self.context, self.identify(actor), task_key, variables)

    def add_signers(self, actor: str, task_key: int, names: Sequence[str]) -> None:
        """Have further people sign a user task."""
        request = co_signers.CoSignerRequest(tuple(names))
        with _refusals():
            co_signers.add_co_signers(self.context, self.identify(actor), task_key, request, BECAUSE)

    def remove_signer(self, actor: str, task_key: int, name: str) -> None:
        """Have somebody sign no more."""
        with _refusals():
            co_signers.remove_co_signer(self.context, self.identify(actor), task_key, name, BECAUSE)

    def publish(self, actor: str, name: str, correlation_key: str, variables: Variables) -> None:
        """Publish a message without time to live."""
        publication = messages.Publication(name, correlation_key, variables=variables)
        with _refusals():
            messages.publish_message(self.context, self.identify(actor), publication)

    def correlate(self, actor: str, name: str, correlation_key: str, variables: Variables) -> int:
        """Hand a message to the one who takes it, and return the key of that process instance."""
        publication = messages.Publication(name, correlation_key, variables=variables)
        with _refusals():
            return messages.correlate_message(self.context, self.identify(actor), publication).process_instance_key

    def broadcast(self, actor: str, name: str, variables: Variables) -> None:
        """Broadcast a signal."""
        with _refusals():
            signals.broadcast_signal(self.context, self.identify(actor), name, variables)

    def cancel(self, actor: str, instance_key: int) -> None:
        """Cancel an instance."""
        with _refusals():
            process_instances.cancel_process_instance(self.context, self.identify(actor), instance_key)

    def resolve(self, actor: str, incident_key: int) -> None:
        """Resolve an incident."""
        with _refusals():
            incidents.resolve_incident(self.context, self.identify(actor), incident_key)

    def set_variables(self, actor: str, scope_key: int, values: Variables) -> None:
        """Write variables as an operator."""
        with _refusals():
            variables.set_variables(self.context, self.identify(actor), scope_key, values)

    def find_tasks(self, actor: str) -> tuple[UserTask, ...]:
        """Return every open user task that the actor finds."""
        query = _everything(Condition("state", "eq", UserTaskState.CREATED))
        with _refusals():
            return user_tasks.search_user_tasks(self.context, self.identify(actor), query).items

    def find_incidents(self, actor: str) -> tuple[Incident, ...]:
        """Return every active incident."""
        query = _everything(Condition("state", "eq", IncidentState.ACTIVE))
        with _refusals():
            return incidents.search_incidents(self.context, self.identify(actor), query).items

    def find_variables(self, actor: str, scope_key: int) -> Mapping[str, object]:
        """Return the variables of one scope."""
        query = _everything(Condition("scope_key", "eq", scope_key))
        with _refusals():
            page = variables.search_variables(self.context, self.identify(actor), query)
        return {variable.name: variable.value for variable in page.items}

    def find_case(self, actor: str, case_no: str) -> int:
        """Return the root instance of a case."""
        with _refusals():
            return cases.get_case(self.context, self.identify(actor), case_no).case.root_key

    def find_latest(self, actor: str, process_id: str) -> int:
        """Return the root instance of a process that began last."""
        wanted = (
            Condition("process_id", "eq", process_id),
            Condition("parent_element_instance_key", "exists", value=False),
        )
        query = Query(wanted, sort=(Sort("key", descending=True),), limit=1)
        with _refusals():
            found = process_instances.search_process_instances(self.context, self.identify(actor), query).items
        return only_latest(process_id, [view.instance.key for view in found])

    def find_rows(self, actor: str, list_name: str) -> tuple[ListRow, ...]:
        """Return every row of a list in the order of adding."""
        with _refusals():
            return lists.search_rows(self.context, self.identify(actor), list_name, _everything()).items

    def find_history(self, actor: str, root_key: int) -> tuple[HistoryRecord, ...]:
        """Return the path of a root instance and of everything it called."""
        with _refusals():
            return history.list_history(self.context, self.identify(actor), root_key)

    def find_state(self, actor: str, instance_key: int) -> InstanceState:
        """Return the state of an instance."""
        with _refusals():
            view = process_instances.get_process_instance(self.context, self.identify(actor), instance_key)
        return view.instance.state


def _everything(*conditions: Condition) -> Query:
    return Query(conditions, sort=(Sort("key"),), limit=EVERYTHING)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except MusterError as error:
        pointers = tuple(problem.pointer for problem in error.problems)
        raise Refused(error.status, error.message, pointers) from error
