"""Plays a process with the engine: first at random, then towards its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .generator import CODES, NAMES
from .markup import write_diagram
from .product import Action, Product

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from .model import Model
    from .product import Work

VERBS = {
    "task": "complete",
    "job": "finish",
    "timer": "fire",
    "message": "send",
    "signal": "hear",
    "incident": "resolve",
}
MOST_AT_RANDOM = 14
MOST_STEPS = 600


class DidNotEnd(Exception):
    """A run went on although every loop is bounded."""


def make(model: Model, *, reload: bool) -> Product:
    return Product(write_diagram(model), dict(model.variables), reload=reload)


def play_random(model: Model, rng: Random, actions: list[Action]) -> Product:
    """Play until the process has ended, or nothing can be done but cancelling; notes each action before it is done."""
    product = make(model, reload=True)
    at_random = rng.randint(0, MOST_AT_RANDOM)
    while (choices := _choices(product, at_random)) and product.active:
        if len(product.steps) > MOST_STEPS:
            raise DidNotEnd
        at_random -= 1
        if at_random > 0 and rng.random() < 0.01:
            break
        actions.append(_draw(product, rng.choice(choices), rng))
        product.act(actions[-1])
    if product.active:
        actions.append(Action("cancel"))
        product.act(actions[-1])
    return product


def play_again(model: Model, actions: Iterable[Action], *, reload: bool) -> Product:
    """Play given actions, leaving out those that do not fit."""
    product = make(model, reload=reload)
    for action in actions:
        product.act(action)
    return product


def _choices(product: Product, at_random: int) -> list[Work]:
    """Return the work to choose from. Towards the end boundary events are left alone while anything else is open."""
    work = product.open_work()
    timers = [w for w in work if w.kind == "timer" and w.due == product.next_due()]
    if at_random > 0:
        return [w for w in work if w.kind != "timer"] + timers
    tasks = [w for w in work if w.kind in {"task", "job"} or (w.kind == "incident" and product.can_resolve(w))]
    messages = [w for w in work if w.kind in {"message", "signal"} and not w.element.startswith(("on_", "event_sub"))]
    return tasks or messages or timers


def _draw(product: Product, work: Work, rng: Random) -> Action:
    verb = VERBS[work.kind]
    code = ""
    if verb == "finish" and rng.random() < 0.3:
        verb, code = "throw", rng.choice(CODES)
    elif verb == "finish" and rng.random() < 0.1:
        verb = "give_up"
    same = [w for w in product.open_work() if (w.kind, w.element) == (work.kind, work.element)]
    if work.kind == "timer":
        same = [w for w in same if w.due == work.due]
    names = rng.sample((*NAMES, "w0", "result"), rng.randint(0, 2))
    variables = tuple((name, rng.randint(0, 3)) for name in names)
    return Action(
        verb, work.element, same.index(work), code, variables if verb not in {"fire", "resolve", "give_up"} else ()
    )
