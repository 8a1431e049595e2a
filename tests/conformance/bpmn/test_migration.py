"""Random processes move to copies of themselves at random moments, and go on as if nothing had happened."""

from __future__ import annotations

from random import Random

import pytest

from .generator import generate
from .migrating import Migrating
from .play import DidNotEnd, play_random

BATCH = 20
IN_EVERY_RUN = 80
IN_LONG_RUNS = 2_000


def find_difference(seed: int, *, reload: bool) -> str:
    """Play the process of a seed with and without migrations; return where they differ."""
    rng = Random(seed)  # noqa: S311 - no secret, a seed
    model = generate(rng)
    actions: list = []
    try:
        expected = play_random(model, rng, actions)
    except DidNotEnd:
        return ""  # the comparison with the token game tells of it
    moved = Migrating(model, Random(seed), reload=reload)  # noqa: S311 - as above
    for action in actions:
        moved.act(action)
    if len(expected.steps) != len(moved.steps):
        return f"seed {seed}: expected {len(expected.steps)} steps, found {len(moved.steps)}"
    for number, (one, other) in enumerate(zip(expected.steps, moved.steps, strict=True)):
        if (one.seen, one.history) != (other.seen, other.history):
            return f"seed {seed}, step {number} {one.action}:\n{one.seen} {one.history}\n{other.seen} {other.history}"
    return ""


@pytest.mark.parametrize("reload", [False, True], ids=["straight", "reload"])
@pytest.mark.parametrize("first", range(0, IN_EVERY_RUN, BATCH))
def test_nobody_notices_a_migration_to_a_copy(first, reload) -> None:
    differences = [find_difference(seed, reload=reload) for seed in range(first, first + BATCH)]
    assert not any(differences), "\n".join(filter(None, differences))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(IN_EVERY_RUN, IN_LONG_RUNS, 20 * BATCH))
def test_nobody_notices_thousands_of_migrations(first) -> None:
    seeds = range(first, min(first + 20 * BATCH, IN_LONG_RUNS))
    differences = [find_difference(seed, reload=True) for seed in seeds]
    assert not any(differences), "\n".join(filter(None, differences))
