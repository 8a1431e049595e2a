"""Going back to an earlier element: where to, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.errors import Conflict
from tests.unit.engine.diagrams import (
    boundary,
    diagram,
    end,
    event_sub_process,
    flows,
    inclusive,
    job,
    message,
    message_event,
    parallel,
    process,
    repeated,
    start,
    sub_process,
    timer,
    user,
    xor,
)
from tests.unit.engine.invariants import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.world import World

HOUR = timer("timeDuration", "PT1H")


def refused(run: World, here: str, there: str, words: str) -> None:
    with pytest.raises(Conflict, match=words):
        run.return_to(here, there)
    check(run)


def test_a_token_goes_back_along_the_way_it_came(world: Callable[..., World]) -> None:
    run = world(
        diagram(process("p", start(), user("a"), user("b"), job("k"), user("c"), end(),
                        flows("start -> a -> b -> k -> c -> end")))
    ).start()  # fmt: skip
    assert run.returns("a") == ()
    run.complete("a").complete("b").finish_job("k")
    assert run.returns("c") == ("a", "b")
    check(run.return_to("c", "a"))
    assert run.open == ["a"]
    assert run.history[-2:] == [("c", "CANCELED"), ("a", "ENTERED")]
    assert run.returns("a") == ()
    check(run.complete("a").return_to("b", "a").complete("a").complete("b").return_to("k", "b"))
    refused(run, "b", "k", "which this process instance has not|no way leads")
    assert run.open == ["b"]


def test_only_what_was_visited_and_lies_before_counts(world: Callable[..., World]) -> None:
    either = diagram(
        process("p", start(), xor("x", "x_a"), user("a"), user("b"), user("c"), end(), user("d"),
                flows("start -> x -> a -> c -> d -> end", "x -> b -> c", x_b="=other"))
    )  # fmt: skip
    run = world(either).start(other=False).complete("a")
    assert run.returns("c") == ("a",)
    refused(run, "c", "b", "has not completed")
    refused(run, "c", "d", "has not completed")
    refused(run, "c", "x", "no activity of the same")
    refused(run, "c", "start", "no activity of the same")
    refused(run, "c", "nothing", "no activity of the same")
    with pytest.raises(Conflict, match="no way leads from 'd' to 'c'"):
        run.return_to("c", "d", ["d"])
    with pytest.raises(Conflict, match="that is where it is"):
        run.return_to("c", "c", ["c"])


SPLIT = process(
    "p", start(), user("a"), parallel("f"), user("b"), user("b2"), user("c"), parallel("j"), user("z"), end(),
    boundary("remind", "b", HOUR, interrupting=False), user("r"),
    flows("start -> a -> f -> b -> b2 -> j -> z -> end", "f -> c -> j", "remind -> r"),
)  # fmt: skip


def test_not_across_a_split_whose_branches_would_remain(world: Callable[..., World]) -> None:
    run = world(diagram(SPLIT)).start().complete("a").complete("b")
    assert run.returns("b2") == ("b",)  # within the branch
    refused(run, "b2", "a", "the branches of 'f' lie between")
    check(run.return_to("b2", "b"))
    assert run.open == ["b", "c"]
    run.complete("b").complete("b2")
    refused(run, "c", "a", "the branches of 'f' lie between")  # its token waits at the join
    run.complete("c")
    assert run.returns("z") == ("a",)
    refused(run, "z", "c", "the join 'j' lies between")
    check(run.return_to("z", "a"))
    assert run.open == ["a"]
    check(run.complete("a").complete("b").complete("b2").complete("c"))
    assert run.open == ["z"]


def test_not_beside_a_branch_that_an_event_has_opened(world: Callable[..., World]) -> None:
    run = world(diagram(SPLIT)).start().complete("a").wait(hours=1).complete("b").complete("b2").complete("c")
    assert run.open == ["r", "z"]
    assert run.returns("z") == ()
    refused(run, "z", "a", "another token stands at 'r'")
    check(run.complete("r"))  # the branch has ended: nothing is doubled
    assert run.returns("z") == ("a",)


def test_a_reminder_at_the_element_itself_counts_too(world: Callable[..., World]) -> None:
    run = world(
        diagram(process("p", start(), user("a"), user("b"), boundary("remind", "b", HOUR, interrupting=False),
                        user("r"), flows("start -> a -> b", "remind -> r")))
    ).start()  # fmt: skip
    run.complete("a")
    assert run.returns("b") == ("a",)
    run.wait(hours=1)
    refused(run, "b", "a", "another token stands at 'r'")


def test_round_a_loop_a_closed_split_is_no_obstacle(world: Callable[..., World]) -> None:
    loop = process(
        "p", start(), xor("again"), user("a"), parallel("f"), user("b"), user("c"), parallel("j"), user("z"),
        xor("x", "x_end"), end(),
        flows("start -> again -> a -> f -> b -> j -> z -> x -> end", "f -> c -> j", "x -> again", x_again="=true"),
    )  # fmt: skip
    run = world(diagram(loop)).start().complete("a").complete("b").complete("c").complete("z").complete("a")
    assert run.open == ["b", "c"]
    refused(run, "b", "z", "the branches of 'f' lie between")
    assert run.returns("b") == ()
    run.complete("b").complete("c")
    assert run.returns("z") == ("a",)
    refused(run, "z", "b", "the join 'j' lies between")


def test_inclusive_and_implicit_splits(world: Callable[..., World]) -> None:
    some = process(
        "p", start(), user("a"), inclusive("f"), user("b"), user("c"), inclusive("j"), user("z"),
        flows("start -> a -> f -> b -> j -> z", "f -> c -> j", f_b="=true", f_c="=both"),
    )  # fmt: skip
    for both in (True, False):
        run = world(diagram(some)).start(both=both).complete("a")
        refused(run, "b", "a", "the branches of 'f'")
        run.complete("b")
        if both:
            run.complete("c")
        assert run.returns("z")[:1] == ("a",)
        check(run.return_to("z", "a"))
        assert run.open == ["a"]
    implicit = process("p", start(), user("a"), user("b"), user("c"), flows("start -> a -> b", "a -> c"))
    run = world(diagram(implicit)).start().complete("a")
    refused(run, "b", "a", "the branches of 'a'")
    run.complete("c")
    refused(run, "b", "a", "the branches of 'a'")  # nothing tells that the branch has ended for good


def test_a_branch_with_its_own_way_out_is_not_closed(world: Callable[..., World]) -> None:
    out = process(
        "p", start(), user("a"), parallel("f"), user("b"), user("c"), parallel("j"), user("z"), end(), end("e2"),
        boundary("late", "b", HOUR), flows("start -> a -> f -> b -> j -> z -> end", "f -> c -> j", "late -> e2"),
    )  # fmt: skip
    run = world(diagram(out)).start().complete("a").complete("b").complete("c")
    refused(run, "z", "a", "the branches of 'f'")


def test_within_a_sub_process_and_not_out_of_it(world: Callable[..., World]) -> None:
    nested = diagram(
        message("m", "recall", '="K"'),
        process("p", start(), user("a"),
                sub_process("sub", start("s"), user("b"), user("c"), flows("s -> b -> c"),
                            event_sub_process("watch", message_event("m"), user("w"), flows("watch_start -> w"),
                                              interrupting=False)),
                user("z"), flows("start -> a -> sub -> z")),
    )  # fmt: skip
    run = world(nested).start().complete("a").complete("b")
    assert run.returns("c") == ("b",)
    refused(run, "c", "a", "no activity of the same process or sub-process instance")
    check(run.send("recall", "K").return_to("c", "b"))
    assert run.open == ["b", "w"]
    check(run.complete("b").complete("c").complete("w"))
    assert run.returns("z") == ("a",)
    check(run.return_to("z", "sub"))
    assert run.open == ["b"]


def test_a_multi_instance_activity_goes_back_as_a_whole(world: Callable[..., World]) -> None:
    each = repeated(user("r"), inputCollection="=[1, 2]")
    run = world(diagram(process("p", start(), user("a"), each, user("z"), flows("start -> a -> r -> z")))).start()
    run.complete("a")
    assert run.returns("r") == ()  # one instance of it cannot go back alone
    refused(run, "r", "a", "no activity of the same")
    run.complete("r").complete("r")
    assert run.returns("z") == ("a", "r")
    check(run.return_to("z", "r"))
    assert run.open == ["r", "r"]


def test_an_ended_element_does_not_go_back(world: Callable[..., World]) -> None:
    run = world(diagram(process("p", start(), user("a"), boundary("late", "a", HOUR), user("b"),
                                flows("start -> a -> b", "late -> b")))).start()  # fmt: skip
    refused(run, "late", "a", "to be active")
