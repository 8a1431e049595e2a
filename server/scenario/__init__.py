"""Scenarios: what a process must do, written as steps in YAML and played against the server."""

from .document import read_scenarios
from .play import play
from .scenery import Scenery, read_scenery
from .stage import Mode, Stage, open_stage
from .step import Scenario, Step
from .suite import run_suite

__all__ = [
    "Mode",
    "Scenario",
    "Scenery",
    "Stage",
    "Step",
    "open_stage",
    "play",
    "read_scenarios",
    "read_scenery",
    "run_suite",
]
