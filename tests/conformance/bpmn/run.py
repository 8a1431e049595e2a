"""One run of a seed, and the report of what went wrong in it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from lxml import etree

from .comparison import Difference, explain
from .generator import generate
from .markup import write_diagram
from .oracle import Oracle
from .play import DidNotEnd, play_again, play_random
from .shrinking import shrink
from .token_game import Endless

if TYPE_CHECKING:
    from .model import Model
    from .product import Action, Product, Step


@dataclass(frozen=True, slots=True)
class Run:
    """`failure` is empty when token game, straight and reloaded engine agree; `any_order` see `comparison`."""

    seed: int
    model: Model
    actions: list[Action]
    failure: str
    steps: int = 0
    any_order: bool = False
    ended: bool = False


def run_seed(seed: int) -> Run:
    """Make the process of a seed and play it; never raises."""
    rng = Random(seed)  # noqa: S311 - no secret, a seed
    model = generate(rng)
    actions: list[Action] = []
    try:
        product = play_random(model, rng, actions)
        failure, any_order = _judge(model, product, actions)
    except (DidNotEnd, Endless):
        return Run(seed, model, actions, "the run did not end")
    except Exception as error:  # noqa: BLE001 - whatever the engine raises is a finding
        return Run(seed, model, actions, _words(error))
    ended = product.steps[-1].action.verb != "cancel"
    return Run(seed, model, actions, failure, len(product.steps), any_order, ended)


def _judge(model: Model, product: Product, actions: list[Action]) -> tuple[str, bool]:
    straight = play_again(model, actions, reload=False)
    for number, (one, other) in enumerate(zip(product.steps, straight.steps, strict=True)):
        if (one.seen, one.history) != (other.seen, other.history):
            return f"step {number}: straight and reloaded runs differ\n{_shown(one)}\n{_shown(other)}", False
    verdict = explain(model, product.steps)
    return "" if verdict.difference is None else _told(verdict.difference), verdict.any_order


def _words(error: Exception) -> str:
    return f"raised {type(error).__name__}: {error}"


def _told(difference: Difference) -> str:
    step = difference.step
    lines = [f"step {difference.number} {step.action}: nothing in BPMN explains what the engine did"]
    for what, expected, found in (
        ("open", difference.expected.open, step.seen.open),
        ("variables", sorted(difference.expected.variables.items()), sorted(step.seen.variables.items())),
        ("inner", difference.expected.inner, step.seen.inner),
        ("active", difference.expected.active, step.seen.active),
        ("history", difference.expected_history, step.history),
    ):
        mark = "  " if expected == found else "! "
        lines += [f"{mark}{what} expected: {expected}", f"{mark}{what} found:    {found}"]
    return "\n".join(lines)


def _shown(step: Step) -> str:
    return f"  {step.action} → {step.seen} {step.history}"


def make_small(run: Run) -> Run:
    """Shrink a failing run."""
    kind = run.failure.split(":")[0].split(" ")[0]

    def failure(model: Model, actions: list[Action]) -> str:
        try:
            Oracle(model)
            product = play_again(model, actions, reload=True)
        except (AssertionError, Endless):
            return ""  # no valid diagram any more
        except Exception as error:  # noqa: BLE001 - as above
            return _words(error)
        try:
            return _judge(model, product, [step.action for step in product.steps[1:]])[0]
        except Endless:
            return ""

    def fails(model: Model, actions: list[Action]) -> bool:
        return failure(model, actions).startswith(kind)

    if not fails(run.model, run.actions):
        return run
    model, actions = shrink(run.model, run.actions, fails)
    return Run(run.seed, model, actions, failure(model, actions))


def report(run: Run) -> str:
    """Return all a person needs to understand a failing run."""
    xml = etree.tostring(etree.fromstring(write_diagram(run.model)), pretty_print=True).decode()
    actions = "\n".join(f"  {number}. {action}" for number, action in enumerate(run.actions, 1))
    return f"seed {run.seed}\nvariables {dict(run.model.variables)}\n{xml}actions:\n{actions}\n{run.failure}\n"
