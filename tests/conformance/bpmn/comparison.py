"""Whether the token game explains what the engine did.

What BPMN leaves open – the order of tokens on different branches within one step – the engine may choose. So the token
game is played first come, first served; if that does not explain a run, it is played again with all kinds of orders,
and every state that fits what was seen is followed further. Only a run that none of them explains is a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from .oracle import Oracle
from .product import KINDS
from .tokens import Observation, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import Model
    from .product import Step
    from .tokens import Line, Pick, Token

ORDERS = 15
MOST_STATES = 24


@dataclass(frozen=True, slots=True)
class Difference:
    """The step that nothing explains, with what was expected (first come, first served) and what was found."""

    number: int
    step: Step
    expected: Observation
    expected_history: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    difference: Difference | None
    any_order: bool = False


def explain(model: Model, steps: Sequence[Step]) -> Verdict:
    """Play the token game along the steps; raises `Endless` when it finds a loop that nothing bounds."""
    difference = _follow(model, steps, 1)
    if difference is None:
        return Verdict(None)
    return Verdict(_follow(model, steps, ORDERS), any_order=True)


def _orders(step: Step, count: int) -> Iterator[Pick]:
    """Yield orders to try: those that follow what the engine recorded, then others."""
    if count == 1:
        yield in_turn
        return
    yield _guided(step.history, None)
    yield _guided(step.history, None, cancelled=False)
    yield _guided(step.history, len(step.history))
    yield _guided(step.history, -1)
    yield lambda labels, _: len(labels) - 1
    for seed in range(count - 5):
        rng = Random(seed)  # noqa: S311 - no secret, a seed
        yield lambda labels, _, rng=rng: rng.randrange(len(labels))


def _guided(history: Sequence[tuple[str, str]], otherwise: int | None, *, cancelled: bool = True) -> Pick:
    """Take the turn that comes next in a history.

    What does not stand there comes first (-1) or last; with None, last except for calls.

    What throws something ends as completed, or as cancelled by it; `cancelled` says whether to look for that, too.
    """

    def pick(labels: list[tuple[str, str]], lines: list[Line]) -> int:
        left = list(history)
        for line in lines:
            if line.label in left:
                left.remove(line.label)
        places = [_place(left, label, cancelled=cancelled) for label in labels]
        missing = len(left) if otherwise is None else otherwise
        shown = [missing if place is None else place for place in places]
        best = shown.index(min(shown))
        if otherwise is None:  # a call leaves no line of its own, and copies variables when its turn comes
            return next((n for n in range(best) if labels[n][1] == "CALLED"), best)
        return best

    return pick


def _place(left: list[tuple[str, str]], label: tuple[str, str], *, cancelled: bool) -> int | None:
    """Return where a turn stands in a history."""
    element, event = label
    ends = (event,) if event != "THROWN" else ("COMPLETED", "CANCELED") if cancelled else ("COMPLETED",)
    return next((left.index((element, end)) for end in ends if (element, end) in left), None)


def _follow(model: Model, steps: Sequence[Step], orders: int) -> Difference | None:
    states = [Oracle(model, pick) for pick in _orders(steps[0], orders)]
    for number, step in enumerate(steps):
        if number:
            states = [after for state in states for after in _after(state, step, orders)]
        fitting = [state for state in states if fits(state, step)]
        if not fitting:
            first = states[0] if states else None
            expected = first.observe() if first else Observation((), {}, active=False)
            return Difference(number, step, expected, tuple(line.label for line in first.lines) if first else ())
        states = _distinct(fitting)[: MOST_STATES if orders > 1 else 1]
    return None


def _after(state: Oracle, step: Step, orders: int) -> Iterator[Oracle]:
    candidates = _candidates(state, step)
    for token in candidates if orders > 1 else candidates[:1]:
        for pick in _orders(step, orders):
            following = state if orders == 1 else state.fork(pick)
            _act(following, step, None if token is None else following.tokens[token.id])
            yield following


def _candidates(state: Oracle, step: Step) -> list[Token | None]:
    """Return the tokens that an action may mean, the likeliest first: same element, opened in the same step."""
    work = step.work
    if work is None:
        return [None]
    waiting = state.waiting(KINDS[step.action.verb], work.element)
    if work.kind == "timer":
        alike = [token for token in waiting if token.due == work.due]
    else:
        alike = [token for token in waiting if token.since == work.since]
    return sorted(alike, key=lambda token: alike.index(token) != work.twin)


def _act(state: Oracle, step: Step, token: Token | None) -> None:
    action, variables = step.action, dict(step.action.variables)
    if token is None:
        state.cancel()
    elif action.verb in {"complete", "finish"}:
        state.complete(token, variables)
    elif action.verb == "throw":
        state.throw(token, action.code, variables)
    elif action.verb == "give_up":
        state.give_up(token)
    elif action.verb == "fire":
        state.fire(token)
    elif action.verb in {"send", "hear"}:
        state.send(token, variables)
    else:
        state.resolve(token)


def fits(state: Oracle, step: Step) -> bool:
    return state.observe() == step.seen and is_in_order(step.history, state.lines)


def is_in_order(history: Sequence[tuple[str, str]], lines: Sequence[Line]) -> bool:
    """Whether a history has the very lines of the token game, each after those it follows from."""
    if len(history) != len(lines):
        return False
    numbers = {line.number for line in lines}
    left = list(lines)
    for label in history:
        found = next((line for line in left if line.label == label and not line.after & numbers), None)
        if found is None:
            return False
        left.remove(found)
        numbers.discard(found.number)
    return True


def _distinct(states: list[Oracle]) -> list[Oracle]:
    return list({state.fingerprint(): state for state in states}.values())
