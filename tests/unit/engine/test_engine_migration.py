"""Running instances move to another definition: everything open is where it is mapped to, or nothing has changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.engine import migration
from server.errors import Conflict, InvalidArgument
from server.model import MappingInstruction
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    call,
    catch,
    diagram,
    element,
    error,
    error_event,
    event_gateway,
    event_sub_process,
    extension,
    flows,
    inclusive,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    repeated,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    timer,
    user,
    xor,
    zeebe,
)
from tests.unit.engine.world import BEGINNING

STRAIGHT = diagram(process("p", start(), user("a", assignee="lin"), flows("start -> a")))
LONGER = diagram(process("p", start(), user("a"), user("approve"), flows("start -> a -> approve")))
OTHER = diagram(process("q", start("s"), user("first"), user("b"), flows("s -> first -> b")))
HOUR = timedelta(hours=1)


def test_a_step_that_was_added_behind_is_reached(world) -> None:
    run = world(STRAIGHT).start()
    (before,) = run.tasks.values()
    assert run.migrate(LONGER) == ()
    (task,) = run.tasks.values()
    assert (task.key, task.assignee, task.place.element_instance_key) == (
        before.key, "lin", before.place.element_instance_key
    )  # fmt: skip
    assert (task.place.process_definition_key, run.instances[run.root_key].version) == (2, 2)
    run.complete("a")
    assert run.open == ["approve"]
    run.complete("approve")
    assert not run.active
    assert run.passed() == ["start", "a", "approve"]
    assert run.passed("MOVED_AWAY") == run.passed("MIGRATED") == ["a"]


def test_an_instance_moves_to_another_process_under_other_names(world) -> None:
    run = world(STRAIGHT).start(n=1)
    assert run.migrate(OTHER, same_ids=False, a="first") == ()
    (task,) = run.tasks.values()
    assert (task.name, task.place.process_id) == ("FIRST", "q")
    run.complete("first").complete("b")
    assert not run.active
    assert run.variables == {"n": 1}
    assert run.passed("MOVED_AWAY") == ["a"]
    assert run.passed("MIGRATED") == ["first"]


def test_without_equal_ids_every_active_element_needs_an_instruction(world) -> None:
    run = world(STRAIGHT).start()
    state = run.state
    (reason,) = run.migrate(LONGER, same_ids=False)
    assert reason == "a: expected a mapping instruction for the active userTask 'a', found none"
    (finding,) = run.plan.findings
    assert finding.advice == "map it to 'a'"
    assert finding.element_instance_key == run.instance_of("a")
    assert run.state == state
    run.complete("a")
    assert not run.active, "nothing has changed"


def test_a_finding_advises_what_the_element_may_be_mapped_to(world) -> None:
    run = world(STRAIGHT).start()
    assert run.migrate(OTHER) != ()
    assert run.plan.findings[0].advice == "map it to 'first' or 'b', or complete it first"


def test_a_plan_names_the_instructions_that_make_it_exact(world) -> None:
    run = world(STRAIGHT).start()
    assert run.migrate(LONGER) == ()
    assert [(one.source, one.target) for one in run.plan.mappings] == [("a", "a")]


EACH = {"inputCollection": "=[1]"}
ADVISED = (
    '<bpmn:extensionElements><zeebe:calledDecision decisionId="double" resultVariable="r"/></bpmn:extensionElements>'
)
WORKED = extension(zeebe("taskDefinition", type="work", retries="3"))


def only(*parts: str) -> bytes:
    """Return a diagram with one process of these parts."""
    return diagram(message("m", "m", "=1"), process("p", start(), *parts))


AT_A = flows("start -> a")


@pytest.mark.parametrize(
    ("source", "target", "mapped", "said"),
    [
        (only(user("a"), AT_A), only(job("a"), AT_A), {},
            ("expected a mapping instruction for the active userTask 'a', found none; "
            "expected 'a' to be a userTask, found a serviceTask")),
        (only(user("a"), AT_A), only(user("b"), flows("start -> b")), {},
            "expected a mapping instruction for the active userTask 'a', found none"),
        (only(user("a"), AT_A), only(job("a"), AT_A), {"a": "a"}, "expected 'a' to be a userTask, found a serviceTask"),
        (only(user("a"), AT_A), only(user("a"), AT_A), {"a": "start_a"},
            "expected 'start_a' to be a userTask, found something no token stands at"),
        (only(user("a"), AT_A),
            only(sub_process("s", start("x"), user("a"), flows("x -> a")), flows("start -> s")), {},
            "expected 'a' to stand in the process, found it in the sub-process 's'"),
        (only(sub_process("s", start("x"), user("a"), flows("x -> a")), user("b"), flows("start -> s -> b")),
            only(sub_process("s", start("x"), user("b"), flows("x -> b")), user("a"), flows("start -> s -> a")), {},
            "expected 'a' to stand in the sub-process 's', found it in the process"),
        (only(repeated(user("a"), **EACH), AT_A), only(user("a"), AT_A), {"a": "a"},
            "expected 'a' to be a parallel multi-instance activity, found without a multi-instance marker"),
        (only(repeated(user("a"), **EACH), AT_A), only(repeated(user("a"), sequential=True, **EACH), AT_A), {"a": "a"},
            "expected 'a' to be a parallel multi-instance activity, found a sequential multi-instance activity"),
        (only(user("a"), AT_A), only(repeated(user("a"), **EACH), AT_A), {"a": "a"},
            "expected 'a' to be without a multi-instance marker, found a parallel multi-instance activity"),
        (only(catch("a", timer("timeDuration", "PT1H")), AT_A), only(catch("a", message_event("m")), AT_A), {"a": "a"},
            "expected 'a' to be a timer event, found one of kind message"),
        (only(element("businessRuleTask", "a", WORKED), AT_A), only(element("businessRuleTask", "a", ADVISED), AT_A),
            {"a": "a"}, "expected 'a' to be done by a job, found that a decision does it"),
    ],
)  # fmt: skip
def test_what_cannot_move_is_told(world, source, target, mapped, said) -> None:
    run = world(source).start()
    assert f"a: {said}" in run.migrate(target, **mapped)
    assert run.active
    assert not run.result.instances_migrated


@pytest.mark.parametrize(
    ("mapped", "pointers"),
    [
        ([("a", "a"), ("a", "approve")], ["/mappingInstructions/1/sourceElementId"]),
        ([("gone", "a")], ["/mappingInstructions/0/sourceElementId"]),
        ([("a", "gone")], ["/mappingInstructions/0/targetElementId"]),
        ([("x", "y")], ["/mappingInstructions/0/sourceElementId", "/mappingInstructions/0/targetElementId"]),
    ],
)  # fmt: skip
def test_instructions_that_make_no_sense_are_refused(world, mapped, pointers) -> None:
    run = world(STRAIGHT).start()
    target = run.deployed.add_version(LONGER)
    with pytest.raises(InvalidArgument) as refused:
        migration.migrate(run._open(), run.root_key, target, [MappingInstruction(*pair) for pair in mapped])
    assert [problem.pointer for problem in refused.value.problems] == pointers


def test_ended_instances_and_the_same_definition_are_refused(world) -> None:
    run = world(STRAIGHT).start()
    with pytest.raises(Conflict, match="expected another definition than the instance runs on, found 'p' version 1"):
        run.migrate_to(run.deployed.by_key[1])
    with pytest.raises(Conflict, match="expected the process instance 17 to be active"):
        run.migrate(LONGER, key=17)


# -- what waits --------------------------------------------------------------------------------------------------------


def reminded(
    kind: str = "timeDuration", text: str = "PT4H", *, interrupting: bool = False, name: str = "late"
) -> bytes:
    return diagram(
        process(
            "p", start(), user("a"), boundary(name, "a", timer(kind, text), interrupting=interrupting), user("remind"),
            flows("start -> a", f"{name} -> remind"),
        )
    )  # fmt: skip


def test_a_mapped_timer_keeps_its_due_date(world) -> None:
    run = world(reminded()).start().wait(hours=1)
    assert run.migrate(reminded(text="PT2H", name="later"), late="later") == ()
    (waiting,) = run.timers.values()
    assert (waiting.due_at, waiting.place.element_id) == (BEGINNING + 4 * HOUR, "later")
    run.wait(hours=3)
    assert run.open == ["a", "remind"]


def test_an_unmapped_timer_closes_and_the_new_one_opens(world) -> None:
    run = world(reminded()).start().wait(hours=1)
    assert run.migrate(reminded(text="PT2H"), same_ids=False, a="a") == ()
    (waiting,) = run.timers.values()
    assert waiting.due_at == BEGINNING + 3 * HOUR
    run.wait(hours=2)
    assert run.open == ["a", "remind"]
    assert not run.timers


def test_timers_are_added_and_taken_away(world) -> None:
    run = world(STRAIGHT).start()
    assert run.migrate(reminded(interrupting=True)) == ()
    assert len(run.timers) == 1
    assert run.migrate(LONGER) == ()
    assert not run.timers
    run.complete("a").complete("approve")
    assert not run.active


def test_a_timer_may_begin_or_cease_to_interrupt_and_to_repeat(world) -> None:
    run = world(reminded()).start()
    assert run.migrate(reminded("timeCycle", "R3/PT1H")) == ()
    run.wait(hours=4)  # what waited counts as the first time
    assert (run.open, len(run.timers)) == (["a", "remind"], 1)
    run.wait(hours=1)
    assert run.open == ["a", "remind", "remind"]
    assert run.migrate(reminded(interrupting=True)) == ()
    run.wait(hours=1)
    assert run.open == ["remind"] * 3
    run = world(reminded("timeCycle", "R/PT1H")).start().wait(hours=1)
    assert run.migrate(reminded()) == ()
    run.wait(hours=5)
    assert run.open == ["a", "remind", "remind"]


def test_a_boundary_event_that_was_let_happen_does_not_open_again_when_it_is_mapped(world) -> None:
    run = world(reminded()).start().wait(hours=5)
    assert run.migrate(reminded(text="PT2H")) == ()
    assert not run.timers
    assert run.migrate(reminded(text="PT2H"), same_ids=False, a="a", remind="remind") == ()
    assert len(run.timers) == 1


def test_a_boundary_event_stays_with_its_activity(world) -> None:
    two = diagram(
        process(
            "p", start(), user("a"), user("b"), boundary("late", "b", timer("timeDuration", "PT1H")), user("remind"),
            flows("start -> a -> b", "late -> remind"),
        )
    )  # fmt: skip
    run = world(reminded()).start()
    (reason,) = run.migrate(two, same_ids=False, a="a", late="late")
    assert reason == "late: expected 'late' to stay attached to 'a', that is 'a' in the target"
    assert run.plan.findings[0].source == "late"
    assert run.migrate(two) == ()
    assert not run.timers, "with equal ids it is another event: the old one closes"


def test_two_events_do_not_become_one(world) -> None:
    def timed(*names: str) -> bytes:
        events = [boundary(name, "a", timer("timeDuration", "PT1H"), interrupting=False) for name in names]
        return diagram(process("p", start(), user("a"), *events, flows("start -> a")))

    run = world(timed("x", "y")).start()
    (reason,) = run.migrate(timed("z"), same_ids=False, a="a", x="z", y="z")
    assert reason == "y: 'x' and 'y' are both mapped to 'z'"
    (reason,) = run.migrate(
        diagram(error("e", "E"), process("p", start(), job("j"), boundary("z", "j", error_event("e")), user("a"),
                flows("start -> j -> a"))), same_ids=False, a="a", x="z")  # fmt: skip
    assert reason == "x: expected 'z' to be a timer event, found one of kind error"


def asked(name: str, key: str = "=case", id_: str = "told") -> bytes:
    return diagram(
        message("m", name, key), signal("s", name),
        process(
            "p", start(), user("a"), boundary(id_, "a", message_event("m")), user("b"),
            boundary("heard", "a", signal_event("s"), interrupting=False), user("c"),
            flows("start -> a", f"{id_} -> b", "heard -> c"),
        ),
    )  # fmt: skip


def test_mapped_subscriptions_keep_name_and_key(world) -> None:
    run = world(asked("news")).start(case="K-1")
    assert run.migrate(asked("other", "=case + case")) == ()
    (subscription,) = run.subscriptions.values()
    assert (subscription.message_name, subscription.correlation_key) == ("news", "K-1")
    assert run.migrate(asked("other", "=case + case"), same_ids=False, a="a") == ()
    (subscription,) = run.subscriptions.values()
    assert (subscription.message_name, subscription.correlation_key) == ("other", "K-1K-1")
    run.signal("other").send("other", "K-1K-1")
    assert run.open == ["b", "c"]


def test_a_new_event_that_cannot_wait_is_a_finding(world) -> None:
    run = world(STRAIGHT).start()
    (reason,) = run.migrate(asked("news"))
    assert reason.startswith("told: the new event 'told' cannot wait: There is no variable")
    run.complete("a")
    assert not run.active


# -- containers --------------------------------------------------------------------------------------------------------


def held(inside: str = "a", sub: str = "sub", *, more: str = "") -> bytes:
    body = (start("x"), user(inside), flows(f"x -> {inside}"))
    if more:
        body = (start("x"), user(inside), user(more), flows(f"x -> {inside} -> {more}"))
    return diagram(process("p", start(), sub_process(sub, *body, extras=mappings({"inner": "=1"})), user("end_"),
                           flows(f"start -> {sub} -> end_")))  # fmt: skip


def test_what_is_inside_a_sub_process_moves_with_it(world) -> None:
    run = world(held()).start()
    assert run.migrate(held("b", "box", more="c"), same_ids=False, a="b", sub="box") == ()
    assert run.passed("MIGRATED") == ["box", "b"]
    run.complete("b").complete("c").complete("end_")
    assert not run.active


def test_a_sub_process_that_cannot_move_is_told_once(world) -> None:
    run = world(held()).start()
    assert run.migrate(held("b", "box"), a="b") == (
        "sub: expected a mapping instruction for the active subProcess 'sub', found none",
    )
    assert run.migrate(STRAIGHT)[-1].startswith("sub:")


def test_an_ad_hoc_sub_process_that_cannot_move_is_told_with_what_it_holds(world) -> None:
    begun = ad_hoc("s", user("a"), activeElementsCollection='=["a"]')
    run = world(diagram(process("p", start(), begun, flows("start -> s")))).start()
    reasons = run.migrate(diagram(process("p", start(), user("b"), flows("start -> b"))))
    assert [reason.split(":")[0] for reason in reasons] == ["s", "a"]


@pytest.mark.parametrize("sequential", [False, True])
def test_instances_of_a_multi_instance_activity_move_and_are_collected(world, sequential) -> None:
    def many(id_: str, collection: str) -> bytes:
        task = repeated(user(id_, inside=""), inputCollection="=[1, 2, 3]", inputElement="n", sequential=sequential,
                        outputCollection=collection, outputElement="=n * 10")  # fmt: skip
        return diagram(
            process("p", start(), task, boundary("late", id_, timer("timeDuration", "PT1H")), user("late_"),
                    flows(f"start -> {id_}", "late -> late_"))
        )  # fmt: skip

    run = world(many("a", "before")).start()
    run.complete("a")
    assert run.migrate(many("b", "after"), a="b") == ()
    (waiting,) = run.timers.values()
    assert waiting.place.element_id == "late"
    run.complete("b").complete("b")
    assert not run.active
    assert run.variables["after"] == [10, 20, 30]


def test_a_multi_instance_sub_process_moves_with_all_it_holds(world) -> None:
    def each(inner: str) -> bytes:
        body = repeated(sub_process("s", start("x"), user(inner), flows(f"x -> {inner}")), inputCollection="=[1, 2]")
        return diagram(process("p", start(), body, user("end_"), flows("start -> s -> end_")))

    run = world(each("a")).start()
    run.complete("a")
    assert run.migrate(each("b"), a="b") == ()
    run.complete("b").complete("end_")
    assert not run.active


def calling(id_: str = "c", more: str | None = None) -> bytes:
    path = f"start -> {id_}" if more is None else f"start -> {id_} -> {more}"
    return diagram(
        process("p", start(), call(id_, "child"), *([user(more)] if more else []), flows(path)),
    )


CHILD = diagram(process("child", start("cs"), user("work"), flows("cs -> work")))


def test_the_parent_moves_and_the_child_stays(world) -> None:
    run = world(calling(), CHILD).start()
    (child,) = [key for key in run.instances if key != run.root_key]
    assert run.migrate(calling("d", "after"), c="d") == ()
    (task,) = run.tasks.values()
    assert task.place.process_definition_key == 2
    assert run.instances[child].process_definition_key == 2
    run.complete("work")
    assert run.open == ["after"]


def test_a_called_instance_moves_by_itself(world) -> None:
    run = world(calling(more="after"), CHILD).start()
    (child,) = [key for key in run.instances if key != run.root_key]
    longer = diagram(process("child", start("cs"), user("work"), user("check"), flows("cs -> work -> check")))
    assert run.migrate(longer, key=child) == ()
    assert run.instances[run.root_key].process_definition_key == 1
    run.complete("work").complete("check").complete("after")
    assert not run.active


# -- event sub-processes and gateways ----------------------------------------------------------------------------------


def listening(kind: str = "timeDuration", text: str = "PT2H", *, interrupting: bool = True, id_: str = "esp") -> bytes:
    handler = event_sub_process(id_, timer(kind, text), user("handle"), flows(f"{id_}_start -> handle"),
                                interrupting=interrupting)  # fmt: skip
    return diagram(process("p", start(), user("a"), handler, flows("start -> a")))


def test_event_sub_processes_are_mapped_by_their_start_events(world) -> None:
    run = world(listening()).start().wait(hours=1)
    assert run.migrate(listening(id_="other"), same_ids=False, a="a", esp_start="other_start") == ()
    (waiting,) = run.timers.values()
    assert (waiting.due_at, waiting.place.element_id) == (BEGINNING + 2 * HOUR, "other")
    assert run.migrate(listening(), same_ids=False, a="a") == ()
    (waiting,) = run.timers.values()
    assert waiting.due_at == BEGINNING + 3 * HOUR
    assert run.migrate(STRAIGHT) == ()
    assert not run.timers
    assert run.migrate(listening(interrupting=False)) == ()
    run.wait(hours=2)
    assert run.open == ["a", "handle"]


def test_a_running_event_sub_process_goes_on(world) -> None:
    run = world(listening()).start().wait(hours=2)
    assert run.migrate(listening("timeCycle", "R/PT1H", interrupting=False)) == ()
    assert (run.open, run.timers) == (["handle"], {}), "what has interrupted does not listen again"
    run.complete("handle")
    assert not run.active
    run = world(listening("timeCycle", "R/PT1H", interrupting=False)).start().wait(hours=1)
    assert run.migrate(listening("timeDuration", "PT9H", interrupting=False)) == ()
    run.wait(hours=4)
    assert run.open == ["a", "handle", "handle"]


def test_a_start_event_needs_an_event_sub_process_beside_it(world) -> None:
    run = world(listening()).start()
    inner = diagram(
        process(
            "p", start(), user("a"),
            sub_process("box", start("x"), user("y"), flows("x -> y"),
                        event_sub_process("esp", timer("timeDuration", "PT1H"), user("handle"),
                                          flows("esp_start -> handle"))),
            flows("start -> a -> box"),
        )
    )  # fmt: skip
    (reason,) = run.migrate(inner, same_ids=False, a="a", esp_start="esp_start")
    assert "expected the start event 'esp_start' to be mapped to one of an event sub-process beside it" in reason


def choosing(*events: str, gateway: str = "g", text: str = "PT2H") -> bytes:
    written = [catch(one, timer("timeDuration", text)) + user(f"{one}_") for one in events]
    paths = [f"{gateway} -> {one} -> {one}_" for one in events]
    return diagram(
        message("m", "m", "=1"),
        process("p", start(), event_gateway(gateway), catch("told", message_event("m")), user("heard"), *written,
                flows(f"start -> {gateway}", f"{gateway} -> told -> heard", *paths)),
    )  # fmt: skip


def test_events_behind_a_gateway_move_close_and_open(world) -> None:
    run = world(choosing("x", "y")).start().wait(hours=1)
    assert run.migrate(choosing("z", "n", gateway="h"), g="h", x="z", told="told") == ()
    due = {timer.place.element_id: timer.due_at for timer in run.timers.values()}
    assert due == {"z": BEGINNING + 2 * HOUR, "n": BEGINNING + 3 * HOUR}
    run.wait(hours=1)
    assert run.open == ["z_"]
    assert not run.subscriptions
    assert ("h_z", "TAKEN") in run.history


def test_events_behind_a_gateway_stay_behind_it(world) -> None:
    run = world(choosing("x")).start()
    far = diagram(
        message("m", "m", "=1"),
        process("p", start(), event_gateway("g"), catch("told", message_event("m")), user("heard"),
                catch("y", timer("timeDuration", "PT1H")), catch("x", timer("timeDuration", "PT1H")),
                flows("start -> g", "g -> told -> heard", "g -> y -> x")),
    )  # fmt: skip
    (reason,) = run.migrate(far, same_ids=False, g="g", told="told", x="x")
    assert reason == "x: expected 'x' to stay behind 'g', that is 'g' in the target"
    assert run.migrate(far) == ()
    assert [timer.place.element_id for timer in run.timers.values()] == ["y"]


def joined(
    gateway: str = "parallelGateway", *, join: str = "join", more: bool = False, inserted: bool = False
) -> bytes:
    paths = [f"start -> f -> a{' -> c' if inserted else ''} -> {join} -> after", f"f -> b -> {join}"]
    paths += [f"f -> d -> {join}"] if more else []
    extra = [user("d")] if more else []
    extra += [user("c")] if inserted else []
    return diagram(
        process("p", start(), parallel("f"), user("a"), user("b"), element(gateway, join), user("after"), *extra,
                flows(*paths))
    )  # fmt: skip


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
def test_a_join_that_waits_goes_on_waiting(world, gateway) -> None:
    run = world(joined(gateway)).start().complete("a")
    assert run.migrate(joined(gateway, join="other"), same_ids=False, b="b", join="other", a_join="a_other") == ()
    assert run.open == ["b"]
    run.complete("b")
    assert run.open == ["after"]


def test_a_join_may_get_more_flows_and_other_ones(world) -> None:
    run = world(joined()).start().complete("a")
    (reason,) = run.migrate(joined(inserted=True))
    assert reason == "join: the flow 'a_join' was taken into 'join', and 'a_join' does not lead into 'join'"
    assert run.plan.findings[0].advice == "map 'a_join' to one of 'c_join', 'b_join'"
    assert run.migrate(joined(inserted=True), a_join="c_join") == ()
    run.complete("b")
    assert run.open == ["after"]
    run = world(joined()).start().complete("a")
    assert run.migrate(joined(more=True)) == ()
    assert run.migrate(joined()) != ()
    assert "expected 'join' to have at least the 3 incoming flows of 'join', found 2" in run.plan.findings[0].reason


def test_an_inclusive_join_that_nothing_can_reach_any_more_is_left(world) -> None:
    def shape(*, direct: bool) -> bytes:
        path = "b -> join" if direct else "b -> elsewhere"
        return diagram(
            process("p", start(), parallel("f"), user("a"), user("b"), inclusive("join"), user("after"),
                    user("elsewhere"), user("d"),
                    flows("start -> f -> a -> join -> after", "f -> b", path, "f -> d",
                          "after -> elsewhere" if direct else "d -> join"))
        )  # fmt: skip

    run = world(shape(direct=True)).start().complete("a")
    assert run.open == ["b", "d"]
    assert run.migrate(shape(direct=False)) == ()
    assert run.open == ["b", "d"]
    run.complete("d")
    assert run.open == ["after", "b"]


def test_tokens_of_two_joins_or_flows_do_not_become_one(world) -> None:
    two = diagram(
        process("p", start(), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), parallel("k"), user("d"),
                user("x"), user("y"),
                flows("start -> f -> a -> j -> x", "f -> b -> j", "f -> c -> k -> y", "f -> d -> k"))
    )  # fmt: skip
    run = world(two).start().complete("a").complete("c")
    (reason,) = run.migrate(two, k="j", c_k="b_j")
    assert reason == "k: tokens wait at 'j' and at 'k', and both are mapped to 'j'"
    three = diagram(
        process("p", start(), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), user("x"),
                flows("start -> f -> a -> j -> x", "f -> b -> j", "f -> c -> j"))
    )  # fmt: skip
    run = world(three).start().complete("a").complete("b")
    (reason,) = run.migrate(three, a_j="b_j")
    assert reason == "j: the flows 'a_j' and 'b_j' are both mapped to 'b_j'"


# -- incidents, jobs ---------------------------------------------------------------------------------------------------


def test_an_incident_stays_and_the_new_diagram_mends_it(world) -> None:
    def scripted(expression: str, id_: str = "calc") -> bytes:
        return diagram(process("p", start(), script(id_, expression, "r"), user("a"), flows(f"start -> {id_} -> a")))

    run = world(scripted("=missing.x")).start(n=4)
    assert run.migrate(scripted("=n + 1", "sum"), calc="sum") == ()
    (incident,) = run.incidents.values()
    assert (incident.place.element_id, incident.place.process_definition_key) == ("sum", 2)
    run.resolve()
    assert (run.open, run.variables["r"]) == (["a"], 5)


def test_a_gateway_with_an_incident_moves(world) -> None:
    def forked(condition: str) -> bytes:
        return diagram(process("p", start(), xor("g", "g_b"), user("a"), user("b"),
                               flows("start -> g -> a", "g -> b", g_a=condition)))  # fmt: skip

    run = world(forked("=text")).start(text="no boolean", yes=True)
    assert [element_id for element_id, _ in run.stopped] == ["g"]
    assert run.migrate(forked("=yes")) == ()
    run.resolve()
    assert run.open == ["a"]


def test_an_activity_that_stopped_on_its_way_in_gets_its_events_when_it_is_retried(world) -> None:
    broken = diagram(process("p", start(), user("a", mappings({"x": "=missing.x"})), flows("start -> a")))
    run = world(broken).start()
    assert run.stopped == [("a", "IO_MAPPING_ERROR")]
    assert run.migrate(reminded()) == ()
    assert not run.timers
    run.resolve()
    assert (run.open, len(run.timers)) == (["a"], 1)
    run = world(reminded(text="=gone")).start()
    assert run.stopped == [("a", "EXTRACT_VALUE_ERROR")]
    assert run.migrate(reminded()) == ()
    run.resolve()
    assert (run.open, len(run.timers)) == (["a"], 1)


def test_jobs_keep_type_and_retries(world) -> None:
    def work(type_: str, retries: str) -> bytes:
        return diagram(process("p", start(), job("j", type_, retries=retries), user("a"), flows("start -> j -> a")))

    run = world(work("mail", "3")).start()
    assert run.migrate(work("letter", "7")) == ()
    (one,) = run.jobs.values()
    assert (one.type, one.retries, one.place.process_definition_key) == ("mail", 3, 2)
    run.finish_job("j")
    assert run.open == ["a"]


def test_receive_tasks_and_catch_events_go_on_waiting(world) -> None:
    def shape(name: str, receive: str, wait: str) -> bytes:
        return diagram(
            message("m", name, "=1"), signal("s", name),
            process("p", start(), parallel("f"), element("receiveTask", receive, messageRef="m"),
                    catch(wait, signal_event("s")), user("a"), user("b"),
                    flows(f"start -> f -> {receive} -> a", f"f -> {wait} -> b")),
        )  # fmt: skip

    run = world(shape("old", "r", "w")).start()
    assert run.migrate(shape("new", "r2", "w2"), r="r2", w="w2") == ()
    run.send("old", "1").signal("old")
    assert run.open == ["a", "b"]
