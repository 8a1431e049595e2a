"""The engine: executes processes on SpiffWorkflow. Pure: no I/O, no clock; the only importer of SpiffWorkflow.

execution = Execution(definitions, keys, now, zone, actor=…)
restore(execution, blob)                       # or commands.start(execution, executable, Start(…))
commands.complete_user_task(execution, element_instance_key, variables)   # or migration.migrate(execution, …)
result = finish(execution)                     # StepResult: the new blob and every difference
"""

from server.engine import commands, migration
from server.engine.commands import Start
from server.engine.definitions import Definitions, ExecutableProcess, build_process
from server.engine.execution import Execution
from server.engine.starts import StartPlan
from server.engine.state import finish, restore
from server.engine.stops import ErrorThrown, TokenStopped
from server.engine.values import canonical_variables

__all__ = [
    "Definitions",
    "ErrorThrown",
    "ExecutableProcess",
    "Execution",
    "Start",
    "StartPlan",
    "TokenStopped",
    "build_process",
    "canonical_variables",
    "commands",
    "finish",
    "migration",
    "restore",
]
