"""Scenarios: what a process must do, written as steps in YAML and played against the server."""

from .document import FILE_NAME, read_scenarios
from .play import play
from .stage import MakeApp, Mode, Scenery, Stage, open_stage
from .step import Scenario, Step

__all__ = [
    "FILE_NAME",
    "MakeApp",
    "Mode",
    "Scenario",
    "Scenery",
    "Stage",
    "Step",
    "open_stage",
    "play",
    "read_scenarios",
]
