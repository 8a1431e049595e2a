"""The token game itself: what the specification says in so many words, and that every feature can be played."""

from __future__ import annotations

from random import Random

import pytest
from lxml import etree

from .generator import generate
from .markup import write_diagram
from .model import Body, Condition, Flow, Many, Model, Node, Sum
from .oracle import Oracle


def game(*nodes: Node, flows: str, conditions: dict[str, Condition] | None = None, **bodies: Body) -> Oracle:
    """Begin a process `p`; `flows` are pairs such as `a>b`, which are also their ids."""
    return Oracle(Model({"p": body("p", *nodes, flows=flows, conditions=conditions), **bodies}, {"n": 1}, {}))


def body(id_: str, *nodes: Node, flows: str, conditions: dict[str, Condition] | None = None) -> Body:
    pairs = [(pair, *pair.split(">")) for pair in flows.split()]
    drawn = tuple(Flow(*pair, (conditions or {}).get(pair[0])) for pair in pairs)
    return Body(id_, {n.id: n for n in (Node("start", "start"), *nodes)}, drawn, is_process=id_ == "p")


def users(names: str) -> list[Node]:
    return [Node(name, "user") for name in names.split()]


def complete(run: Oracle, element: str) -> None:
    run.complete(run.waiting("task", element)[0], {})


def shown(run: Oracle) -> list[str]:
    return [str(row[1]) for row in run.observe().open]


SOME = "start>some some>a some>b some>c a>join b>join c>join join>after"


@pytest.mark.parametrize(
    ("number", "opened"), [(1, ["a", "b"]), (2, ["b"]), (9, ["c"])]
)  # fmt: skip
def test_inclusive_gateway_waits_for_those_that_may_still_come(number, opened) -> None:
    conditions = {"some>a": Condition("n", "<", 2), "some>b": Condition("n", "<", 3)}
    nodes = [Node("some", "or", default="some>c"), *users("a b c after"), Node("join", "or")]
    model = Model({"p": body("p", *nodes, flows=SOME, conditions=conditions)}, {"n": number}, {})
    run = Oracle(model)
    assert shown(run) == opened
    for element in opened:
        assert "after" not in shown(run)
        complete(run, element)
    assert shown(run) == ["after"]


def test_inclusive_join_goes_on_when_the_last_one_goes_elsewhere() -> None:
    nodes = [Node("fork", "and"), *users("a b after"), Node("x", "xor", default="x>end"), Node("end", "end")]
    run = game(
        *nodes, Node("join", "or"),
        flows="start>fork fork>a fork>b a>join b>x x>join x>end join>after",
        conditions={"x>join": Condition("n", ">", 5)},
    )  # fmt: skip
    complete(run, "a")
    assert shown(run) == ["b"]
    complete(run, "b")
    assert shown(run) == ["after"]


def test_first_event_wins_behind_an_event_based_gateway() -> None:
    late = Node("late", "timer", seconds=20)
    run = game(Node("race", "event_gateway"), Node("soon", "timer", seconds=10), late, *users("a b"),
               flows="start>race race>soon race>late soon>a late>b")  # fmt: skip
    assert run.observe().open == (("timer", "late", 20), ("timer", "soon", 10))
    run.fire(run.waiting("timer", "soon")[0])
    assert shown(run) == ["a"]


@pytest.mark.parametrize(
    ("many", "rounds", "out"),
    [
        (Many(3, sequential=False, output="out"), [3, 2, 1], [1, 2, 3]),
        (Many(3, sequential=True, output="out"), [1, 1, 1], [1, 2, 3]),
        (Many(3, sequential=False, enough=2, output="out"), [3, 2], [1, 2, None]),
        (Many(3, sequential=True, enough=1, output="out"), [1], [1, None, None]),
        (Many(0, sequential=False, output="out"), [], []),
    ],
)
def test_multi_instance(many, rounds, out) -> None:
    run = game(Node("a", "user", many=many), *users("after"), flows="start>a a>after")
    for expected in rounds:
        assert shown(run) == ["a"] * expected
        complete(run, "a")
    assert shown(run) == ["after"]
    assert run.observe().variables == {"n": 1, "out": out}


@pytest.mark.parametrize(("interrupting", "opened"), [(True, ["c"]), (False, ["a", "c"])])
def test_event_sub_process(interrupting, opened) -> None:
    on = Body(
        "on",
        {"begin": Node("begin", "start", event="timer", seconds=10, interrupting=interrupting), "c": Node("c", "user")},
        (Flow("begin>c", "begin", "c"),),
        is_process=False,
    )
    run = game(*users("a"), Node("event", "event_sub", body="on"), flows="start>a", on=on)
    assert shown(run) == ["a", "event"]
    run.fire(run.waiting("timer", "event")[0])
    assert shown(run) == opened
    for element in opened:
        assert run.observe().active
        complete(run, element)
    assert not run.observe().active


@pytest.mark.parametrize(("interrupting", "opened"), [(True, ["c"]), (False, ["b", "c"])])
def test_escalation_goes_on_unless_it_interrupts(interrupting, opened) -> None:
    sub = body("sub", Node("up", "escalation", code="E1"), *users("b"), flows="start>up up>b")
    on = Node("on", "boundary", event="escalation", host="sub", interrupting=interrupting)
    run = game(Node("sub", "sub", body="sub"), on, *users("c"), flows="start>sub on>c", sub=sub)
    assert shown(run) == opened


def test_a_link_leads_to_its_other_half() -> None:
    run = game(Node("to", "link_throw", code="L"), Node("from", "link_catch", code="L"), *users("a"),
               flows="start>to from>a")  # fmt: skip
    assert shown(run) == ["a"]


def test_a_parallel_join_counts_tokens_by_flow() -> None:
    nodes = [Node("fork", "and"), Node("merge", "xor"), *users("a b after"), Node("join", "and")]
    run = game(*nodes, Node("other", "pass"), flows="start>fork fork>merge fork>other other>merge merge>a fork>b a>join"
               " b>join join>after")  # fmt: skip
    complete(run, "a")
    complete(run, "a")
    assert shown(run) == ["b"], "two tokens of one flow are no join"
    complete(run, "b")
    complete(run, "after")
    assert shown(run) == []
    assert run.observe().active, "one token is left at the join"


def test_results_see_the_nearest_scope() -> None:
    node = Node("a", "user", inputs=(("n", Sum(5)),))
    run = game(node, flows="start>a")
    run.complete(run.waiting("task", "a")[0], {"n": 9, "m": 2})
    assert run.observe().variables == {"n": 1, "m": 2}


@pytest.mark.parametrize("seed", range(40))
def test_every_feature_can_be_written_and_played(seed) -> None:
    rng = Random(seed)  # noqa: S311 - no secret, a seed
    model = generate(rng)
    etree.fromstring(write_diagram(model))
    run = Oracle(model)
    for _ in range(200):
        waiting = [
            token for token in run.tokens.values() if token.waits in {"task", "job", "timer", "message", "signal"}
        ]
        if not run.observe().active or not waiting:
            break
        token = rng.choice(waiting)
        if token.waits == "timer":
            run.fire(min((t for t in waiting if t.waits == "timer"), key=lambda t: t.due))
        elif token.waits in {"message", "signal"}:
            run.send(token, {})
        elif token.waits == "job" and rng.random() < 0.3:
            run.throw(token, "E1", {})
        else:
            run.complete(token, {})
    assert not run.queue
