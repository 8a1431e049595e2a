"""Reading and writing: the two ways to the rows, and the only place that commits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from server.store.announcements import AnnouncementReads, AnnouncementWrites
from server.store.attachments import AttachmentReads, AttachmentWrites
from server.store.audit import AuditReads, AuditWrites
from server.store.batch_operations import BatchOperationReads, BatchOperationWrites
from server.store.calendar import CalendarReads, CalendarWrites
from server.store.cases import CaseReads, CaseWrites
from server.store.clocks import ClockReads, ClockWrites
from server.store.comments import CommentReads, CommentWrites
from server.store.decision_definitions import DecisionDefinitionReads, DecisionDefinitionWrites
from server.store.decision_instances import DecisionInstanceReads, DecisionInstanceWrites
from server.store.deliveries import DeliveryReads, DeliveryWrites
from server.store.deployed_resources import DeployedResourceReads, DeployedResourceWrites
from server.store.deployments import DeploymentReads, DeploymentWrites
from server.store.drafts import DraftReads, DraftWrites
from server.store.edits import EditLocks
from server.store.element_history import HistoryReads, HistoryWrites
from server.store.element_instances import ElementInstanceReads
from server.store.erasure import ErasureWrites
from server.store.form_definitions import FormDefinitionReads, FormDefinitionWrites
from server.store.hand_offs import HandOffReads, HandOffWrites
from server.store.idempotency import IdempotencyReads, IdempotencyWrites
from server.store.identity import IdentityReads, IdentityWrites
from server.store.inbox import InboxReads
from server.store.incidents import IncidentReads
from server.store.jobs import JobReads, JobWrites
from server.store.lists import ListReads, ListWrites
from server.store.meeting_items import MeetingItemReads, MeetingItemWrites
from server.store.meetings import MeetingReads, MeetingWrites
from server.store.message_subscriptions import MessageSubscriptionReads
from server.store.messages import MessageReads, MessageWrites
from server.store.notification_preferences import NotificationPreferenceReads, NotificationPreferenceWrites
from server.store.notifications import NotificationReads, NotificationWrites
from server.store.process_definitions import ProcessDefinitionReads, ProcessDefinitionWrites
from server.store.process_instances import ProcessInstanceReads
from server.store.retention import RetentionReads, RetentionWrites
from server.store.root_instances import RootInstanceLocks, RootInstanceReads
from server.store.signals import SignalReads
from server.store.start_timers import StartTimerReads, StartTimerWrites
from server.store.steps import StepWrites
from server.store.suspension import SuspensionWrites
from server.store.timers import TimerReads
from server.store.user_tasks import UserTaskReads, UserTaskWrites
from server.store.variables import VariableReads
from server.store.vault import VaultReads, VaultWrites
from server.store.vault_reveals import VaultRevealReads, VaultRevealWrites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from server.store.keys import TransactionKeys


class Reading(
    ProcessDefinitionReads,
    FormDefinitionReads,
    DecisionDefinitionReads,
    DecisionInstanceReads,
    DeployedResourceReads,
    DeploymentReads,
    StartTimerReads,
    RootInstanceReads,
    ProcessInstanceReads,
    UserTaskReads,
    InboxReads,
    HandOffReads,
    CommentReads,
    JobReads,
    TimerReads,
    MessageSubscriptionReads,
    MessageReads,
    SignalReads,
    IncidentReads,
    VariableReads,
    HistoryReads,
    ElementInstanceReads,
    DraftReads,
    AttachmentReads,
    RetentionReads,
    VaultReads,
    VaultRevealReads,
    ListReads,
    CalendarReads,
    CaseReads,
    MeetingItemReads,
    MeetingReads,
    ClockReads,
    AnnouncementReads,
    NotificationReads,
    NotificationPreferenceReads,
    DeliveryReads,
    AuditReads,
    BatchOperationReads,
    IdempotencyReads,
    IdentityReads,
):
    """Everything that can be read, from one consistent snapshot."""


class Transaction(
    Reading,
    RootInstanceLocks,
    EditLocks,
    StepWrites,
    ProcessDefinitionWrites,
    FormDefinitionWrites,
    DecisionDefinitionWrites,
    DecisionInstanceWrites,
    DeployedResourceWrites,
    DeploymentWrites,
    StartTimerWrites,
    UserTaskWrites,
    HandOffWrites,
    CommentWrites,
    JobWrites,
    SuspensionWrites,
    HistoryWrites,
    MessageWrites,
    DraftWrites,
    AttachmentWrites,
    RetentionWrites,
    VaultWrites,
    VaultRevealWrites,
    ListWrites,
    CalendarWrites,
    CaseWrites,
    MeetingItemWrites,
    MeetingWrites,
    ClockWrites,
    AnnouncementWrites,
    NotificationWrites,
    NotificationPreferenceWrites,
    DeliveryWrites,
    AuditWrites,
    ErasureWrites,
    BatchOperationWrites,
    IdempotencyWrites,
    IdentityWrites,
):
    """Everything that can be read and written in one transaction; whoever opened it commits or rolls back."""

    def __init__(self, connection: Connection, keys: TransactionKeys) -> None:
        super().__init__(connection)
        self.keys: TransactionKeys = keys

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the body wrote when it raises, and raise on; the transaction itself goes on.

        A Contended or Unavailable out of the body must not be taken for the body's own failure: let it pass.
        """
        nested = self._connection.begin_nested()
        try:
            yield
        except BaseException:
            nested.rollback()
            self.keys.savepoint_undone()
            raise
        nested.commit()


@contextmanager
def write(connection: Connection, keys: TransactionKeys) -> Iterator[Transaction]:
    """Run the body in one transaction of this connection: commit at its end, roll back when it raises."""
    connection.begin()
    try:
        yield Transaction(connection, keys)
        connection.commit()
    except BaseException:
        keys.burn()
        connection.rollback()
        keys.settle(committed=False)
        raise
    keys.settle(committed=True)
