"""Playing a scenario: step by step, first the verb, then what is due, then the expectations."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from server.scenario.expectations import CHECK
from server.scenario.scene import Act, Scene
from server.scenario.step import StepFailed
from server.scenario.verbs import CARRY_OUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.scenario.stage import Stage
    from server.scenario.step import Scenario, Step

    Listener: TypeAlias = "Callable[[Scene, Act], None]"

log = logging.getLogger(__name__)


def play(scenario: Scenario, stage: Stage, listener: Listener | None = None) -> str | None:
    """Play a scenario and return why it failed, or None.

    `listener` hears of every act when what was due after it is done.
    """
    player = _Player(Scene(stage, scenario.process_id), listener)
    try:
        for step in scenario.steps:
            player.play_step(step)
    except StepFailed as failure:
        return str(failure)
    return None


class _Player:
    def __init__(self, scene: Scene, listener: Listener | None) -> None:
        self.scene = scene
        self.listener = listener

    def play_step(self, step: Step) -> None:
        for inner in step.steps:
            self.play_step(inner)
        self.scene.stage.renew()
        if step.verb is not None and step.verb in CARRY_OUT:
            self._judge(step, step.verb, partial(self._act, step, step.verb))
        view = self.scene.look()
        for expectation, check in CHECK.items():
            if expectation in step.content:
                self._judge(step, expectation, partial(check, self.scene, view, step.content))

    def _act(self, step: Step, verb: str) -> None:
        stage = self.scene.stage
        act = CARRY_OUT[verb](self.scene, step.content)
        stage.advance(stage.clock.moment)
        if self.listener is not None:
            self.listener(self.scene, act)

    def _judge(self, step: Step, key: str, part: Callable[[], None]) -> None:
        """Run one part of a step; whatever goes wrong names the step and the part."""
        try:
            part()
        except StepFailed as failure:
            raise StepFailed(f"{step.describe(key)}: {failure}{self._describe_incidents()}") from failure
        except Exception as error:
            log.exception("%s", step.describe(key))
            raise StepFailed(f"{step.describe(key)}: unexpected {type(error).__name__}: {error}") from error

    def _describe_incidents(self) -> str:
        incidents = [f"{i.place.element_id} ({i.type}: {i.message})" for i in self.scene.look().incidents]
        return f"; active incidents: {'; '.join(incidents)}" if incidents else ""
