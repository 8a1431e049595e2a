"""Random processes: what the engine does, straight and reloaded before every step, is what the token game says."""

from __future__ import annotations

import pytest

from .run import make_small, report, run_seed

BATCH = 20
IN_EVERY_RUN = 240
IN_LONG_RUNS = 5_000


def agree(first: int, count: int) -> None:
    failed = [run for seed in range(first, first + count) if (run := run_seed(seed)).failure]
    assert not failed, (
        f"{len(failed)} of {count} runs failed, the first one made small:\n{report(make_small(failed[0]))}"
    )


@pytest.mark.parametrize("first", range(0, IN_EVERY_RUN, BATCH))
def test_engine_and_token_game_agree(first) -> None:
    agree(first, BATCH)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(IN_EVERY_RUN, IN_LONG_RUNS, 20 * BATCH))
def test_engine_and_token_game_agree_in_thousands_of_runs(first) -> None:
    agree(first, min(20 * BATCH, IN_LONG_RUNS - first))
