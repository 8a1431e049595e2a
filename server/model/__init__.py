"""The records that travel between layers, in Camunda 8's words.

Every record is frozen: a layer hands it on and never changes it. Keys are positive 63-bit integers (decimal strings
only on the wire), times are aware datetimes in UTC, variables are canonical JSON values (see `engine.values`).
"""

from server.model.calendar import CalendarDay
from server.model.definitions import (
    DecisionDefinition,
    Finding,
    FormDefinition,
    ProcessDefinition,
    Requirements,
    StartSignal,
    StartSubscription,
    StartTimer,
)
from server.model.identity import Client, PasswordReset, Scopes, Session, Spending, Token, Unit, UserAccount
from server.model.instances import (
    ElementInstance,
    ElementStatistics,
    Incident,
    Job,
    Message,
    MessageSubscription,
    Place,
    ProcessInstance,
    Signal,
    SignalDelivery,
    SignalSubscription,
    Timer,
    UserTask,
    Variable,
)
from server.model.private import Attachment, Sealed, Usage, VaultEntry
from server.model.records import AuditEntry, Draft, ListRow
from server.model.searches import Condition, Page, Query, Sort
from server.model.states import (
    ElementState,
    HistoryEvent,
    IncidentState,
    IncidentType,
    InstanceState,
    JobState,
    UserTaskState,
)
from server.model.steps import (
    HistoryRecord,
    InstanceEnd,
    JobEnd,
    RescheduledTimer,
    StepResult,
    TimerMove,
    UserTaskEnd,
    VariableChange,
)
from server.model.values import Variables

__all__ = [
    "Attachment",
    "AuditEntry",
    "CalendarDay",
    "Client",
    "Condition",
    "DecisionDefinition",
    "Draft",
    "ElementInstance",
    "ElementState",
    "ElementStatistics",
    "Finding",
    "FormDefinition",
    "HistoryEvent",
    "HistoryRecord",
    "Incident",
    "IncidentState",
    "IncidentType",
    "InstanceEnd",
    "InstanceState",
    "Job",
    "JobEnd",
    "JobState",
    "ListRow",
    "Message",
    "MessageSubscription",
    "Page",
    "PasswordReset",
    "Place",
    "ProcessDefinition",
    "ProcessInstance",
    "Query",
    "Requirements",
    "RescheduledTimer",
    "Scopes",
    "Sealed",
    "Session",
    "Signal",
    "SignalDelivery",
    "SignalSubscription",
    "Sort",
    "Spending",
    "StartSignal",
    "StartSubscription",
    "StartTimer",
    "StepResult",
    "Timer",
    "TimerMove",
    "Token",
    "Unit",
    "Usage",
    "UserAccount",
    "UserTask",
    "UserTaskEnd",
    "UserTaskState",
    "Variable",
    "VariableChange",
    "Variables",
    "VaultEntry",
]
