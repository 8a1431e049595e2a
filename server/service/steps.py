"""A step inside a transaction: open the instance under its lock, move it, run the actions, save the differences."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.actions.registry import RESERVED_PREFIXES, ActionCall, ActionFailed, BpmnError
from server.engine import ErrorThrown, Execution, canonical_variables, commands, finish, restore
from server.errors import Conflict, Contended, MusterError, Unavailable
from server.governance.clocks import describe_clock
from server.model import AuditEntry, InstanceState, JobState
from server.service.audit_chain import hash_payload, make_salt
from server.service.calendar import load_calendar
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions
from server.service.private_values import find_private_fields, protect_values, seal_secrets
from server.service.sealed_messages import open_content, seal_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server.access import Actor
    from server.forms import PrivateField
    from server.model import ClockRecord, Job, Message, MessageSubscription, RescheduledTimer, StepResult
    from server.service.context import Context
    from server.service.private_values import Secret
    from server.store import LockedInstance, Transaction

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Step:
    """One step of one root instance. `revision` is None for an instance that is just being started.

    `suspended`: what the step opens waits until the instance is resumed.
    """

    context: Context
    tx: Transaction
    actor: Actor
    execution: Execution
    revision: int | None
    suspended: bool = False
    audit: list[AuditEntry] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    rescheduled: tuple[RescheduledTimer, ...] = ()
    _reschedules: bool = False
    _awaited: set[int] = field(default_factory=set)

    def note(
        self,
        operation: str,
        entity_type: str,
        entity_key: int | str,
        result: str = "SUCCESS",
        *,
        acting_for: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> None:
        """Add a line to the audit log of this step.

        `acting_for` is whom the actor stands in for; of the protected variables that were sent, a salted hash is kept.
        """
        salt = None if payload is None else make_salt()
        entry = AuditEntry(
            at=self.execution.now,
            actor=self.actor.name,
            operation=operation,
            entity_type=entity_type,
            entity_key=str(entity_key),
            root_key=self.execution.root.key,
            payload_hash=None if salt is None else hash_payload(payload, salt),
            result=result,
            acting_for=acting_for,
            payload_salt=salt,
        )
        self.audit.append(entry)

    def show_clock(self, record: ClockRecord) -> None:
        """Write the variable that shows a clock, and have the timers that depend on it moved."""
        calendar = load_calendar(self.context, self.tx)
        shown = describe_clock(record.clock, calendar) | {"key": str(record.key)}
        values = canonical_variables({f"{record.name}_clock": shown})
        self.execution.scopes.write_local(record.process_instance_key, values)
        self.request_reschedule()

    def request_reschedule(self) -> None:
        """Have the waiting timers of the root instance evaluated once more when the step is saved."""
        self._reschedules = True

    @property
    def reader(self) -> DefinitionReader:
        """Definitions as this transaction sees them."""
        return DefinitionReader(self.context.definitions, self.tx)

    def protect(self, variables: Mapping[str, object], fields: Iterable[PrivateField]) -> dict[str, object]:
        """Return variables that may enter the process: private values go to the vault when the step is saved."""
        protected, taken = protect_values(variables, fields, self.tx.keys)
        self.secrets += taken
        return protected

    def protect_all(self, variables: Mapping[str, object], definition_key: int) -> dict[str, object]:
        """Return variables that may enter the process by a door without a form: every form of the diagram counts."""
        if not variables:
            return {}
        return self.protect(canonical_variables(variables), find_private_fields(self.reader, definition_key))

    def protect_everywhere(self, variables: Mapping[str, object]) -> dict[str, object]:
        """Return variables that an operator writes: the forms of every process that runs in this root count."""
        protected = dict(variables)
        for definition_key in self.definition_keys():
            protected = self.protect_all(protected, definition_key)
        return protected

    def definition_keys(self) -> list[int]:
        """Return the definitions that run in this root instance: its own, and those of called processes."""
        return sorted({container.executable.definition.key for container in self.execution.containers.values()})

    def save(self) -> StepResult:
        """Run the actions that the step asked for, deliver buffered messages, and write the differences."""
        self._run_actions()
        while not self.suspended and self.deliver_buffered(self.execution.changes.subscriptions.values()):
            self._run_actions()
        if self._reschedules:
            self._reschedule()
        result = finish(self.execution)
        if self.revision is None:
            self.tx.create_root(result)
        else:
            self.tx.save_step(result, self.revision)
        if self.suspended and result.active:
            self.tx.suspend_root(result.root_key, self.execution.now)
        if result.instances_ended:
            self.tx.cancel_clocks([ended.key for ended in result.instances_ended], self.execution.now)
            if (result.root_key, InstanceState.TERMINATED) in ((one.key, one.state) for one in result.instances_ended):
                self.tx.cancel_case(result.root_key, self.execution.now)
        if self.secrets:
            seal_secrets(self.context, self.tx, self.secrets, self.execution.root.key)
        if self.audit:
            self.tx.add_audit(self.audit)
        return result

    def _run_actions(self) -> None:
        """Run actions until only user tasks, outside jobs and timers remain."""
        while ready := self._ready_actions():
            for job in ready:
                if job.key in self.execution.changes.jobs:
                    self._run_action(job)

    def _reschedule(self) -> None:
        """Move the timers that are due at another time now; the audit log names them, and those that kept theirs."""
        root = self.execution.root.key
        self.rescheduled = commands.reschedule(self.execution, self.tx.timers_of_root(root))
        for one in self.rescheduled:
            if one.problem is not None:
                log.warning("timer %s at %s stays as it is: %s", one.timer.key, one.timer.place.element_id, one.problem)
                self.note("RESCHEDULE", "TIMER", one.timer.key, "FAILURE")
            elif one.due_at != one.timer.due_at:
                self.note("RESCHEDULE", "TIMER", one.timer.key)

    def _ready_actions(self) -> list[Job]:
        jobs = self.execution.changes.jobs.values()
        mine = (job for job in jobs if job.type.startswith(RESERVED_PREFIXES) and job.state is JobState.CREATED)
        return [job for job in mine if job.key not in self._awaited]

    def _run_action(self, job: Job) -> None:
        key = job.place.element_instance_key
        action = self.context.actions.get(job.type)
        if action is None:  # told by an expression; literal types were judged at deployment
            known = ", ".join(sorted(self.context.actions))
            message = f"expected one of the server's actions ({known}), found {job.type!r}"
            commands.give_up_job(self.execution, job, message)
            return
        try:
            with self.tx.savepoint():
                variables = action(self._call(job))
        except (Contended, Unavailable):
            raise
        except BpmnError as error:
            commands.throw_job_error(self.execution, key, ErrorThrown(error.code, error.message, error.variables))
        except (ActionFailed, MusterError) as error:
            commands.give_up_job(self.execution, job, str(error))
        except Exception:
            log.exception("action %s failed at %s", job.type, job.place)
            commands.give_up_job(self.execution, job, f"the action {job.type} failed; the server's log says why")
        else:
            if variables is None:  # its delivery lets it go on
                self._awaited.add(job.key)
            else:
                commands.complete_job(self.execution, key, variables)

    def _call(self, job: Job) -> ActionCall:
        return ActionCall(
            job=job,
            variables=self.visible_variables(job.place.element_instance_key),
            now=self.execution.now,
            tx=self.tx,
            zone=self.context.config.timezone,
            calendar=lambda: load_calendar(self.context, self.tx),
            show_clock=self.show_clock,
            reschedule=self.request_reschedule,
            actor=self.actor.name,
        )

    def awaits_job(self, job: Job) -> bool:
        """Tell whether this very job is waited for: one that was given up leaves its element to a new one."""
        token = self.execution.tokens.get(job.place.element_instance_key)
        return token is not None and token.internal_data.get("job") == job.key

    def visible_variables(self, element_instance_key: int) -> Mapping[str, object]:
        """Return everything that an element instance sees."""
        token = self.execution.tokens[element_instance_key]
        return dict(self.execution.scopes.view(self.execution.scope_key(token)))

    def deliver_buffered(self, subscriptions: Iterable[MessageSubscription]) -> bool:
        """Hand messages that arrived early to subscriptions that begin to wait in this step; tells whether any came.

        Each message name is locked before the buffer is read, so that a publication and its subscription cannot
        miss each other (architecture.md, decision 5).
        """
        delivered = False
        for subscription in sorted(subscriptions, key=lambda s: (s.message_name, s.correlation_key)):
            if not commands.awaits_message(self.execution, subscription):
                continue
            self.tx.lock_message(subscription.message_name, subscription.correlation_key)
            name, key, process_id = (
                subscription.message_name,
                subscription.correlation_key,
                subscription.place.process_id,
            )
            message = self.tx.next_message(name, key, process_id, self.execution.now)
            delivered = (message is not None and self.deliver_message(message, subscription)) or delivered
        return delivered

    def deliver_message(self, message: Message, subscription: MessageSubscription) -> bool:
        """Hand a buffered message to who waits for it; False when the process has received it already.

        Private values go to the vault, and out of the buffer.
        """
        place, known = subscription.place, len(self.secrets)
        if not self.tx.take_message(message.key, place.process_id):
            return False
        variables = self.protect_all(open_content(self.context, message), place.process_definition_key)
        if len(self.secrets) > known:
            self.tx.replace_message_content(message.key, seal_message(self.context, message.key, variables))
        commands.correlate(self.execution, place.element_instance_key, variables, message.name)
        return True


def open_step(context: Context, tx: Transaction, actor: Actor, locked: LockedInstance | None = None) -> Step:
    """Begin a step: of a locked instance, or of one that is about to start."""
    reader = DefinitionReader(context.definitions, tx)
    execution = Execution(
        reader,
        tx.keys,
        context.now(),
        context.config.timezone,
        actor=actor.name,
        functions=feel_functions(context, tx),
    )
    if locked is not None:
        restore(execution, locked.state)
        return Step(context, tx, actor, execution, locked.revision, locked.suspended)
    return Step(context, tx, actor, execution, None)


def check_running(locked: LockedInstance | None) -> LockedInstance:
    """Return the instance for a command that lets it go on; raises `Conflict` when it has ended or is suspended."""
    if locked is None or not locked.active:
        raise Conflict("expected the process instance to be ACTIVE, but it has ended")
    if locked.suspended:
        raise Conflict("expected the process instance to be ACTIVE, but it is SUSPENDED; resume it first")
    return locked
