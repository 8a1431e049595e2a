"""A handful of small processes that wait for everything a process can wait for."""

from __future__ import annotations

from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    error,
    error_event,
    event_gateway,
    event_sub_process,
    flows,
    job,
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
)

JOB_TYPE = "work"
NOTE, REPLY, APPLY, ALARM = "note", "reply", "apply", "alarm"
ORDERS = ("o1", "o2")
"""Correlation keys: few, so that instances compete for messages."""

REPORT = diagram(
    error("e", "refused"),
    process(
        "report",
        start(),
        script("count", "=rounds + 1", "rounds"),
        user("fill"),
        boundary("remind", "fill", timer("timeCycle", "R2/PT1H"), interrupting=False),
        script("reminded", "=reminders + 1", "reminders"),
        end("told"),
        boundary("late", "fill", timer("timeDuration", "PT6H")),
        xor("again", default="again_post"),
        job("post", JOB_TYPE, retries="2"),
        boundary("refused", "post", error_event("e")),
        end("turned_down"),
        xor("dear", default="dear_end"),
        user("pay"),
        end(),
        flows(
            "start -> count -> fill -> again -> post -> dear -> end",
            "again -> count",
            "late -> post",
            "remind -> reminded -> told",
            "refused -> turned_down",
            "dear -> pay -> end",
            again_count="=again = true",
            dear_pay="=amount > 3",
        ),
    ),
)
PAIR = diagram(
    message("m", NOTE, "=order"),
    signal("s", ALARM),
    process(
        "pair",
        start(),
        parallel("fork"),
        user("a"),
        catch("heard", message_event("m")),
        catch("alarmed", signal_event("s")),
        parallel("join"),
        call("ask", "child"),
        end(),
        flows("start -> fork -> a -> join -> ask -> end", "fork -> heard -> join", "fork -> alarmed -> join"),
    ),
)
CHILD = diagram(
    process(
        "child",
        start(),
        user("c"),
        boundary("tired", "c", timer("timeDuration", "PT3H")),
        end(),
        flows("start -> c -> end", "tired -> end"),
    )
)
MANY = diagram(
    message("m", NOTE, "=order"),
    message("r", REPLY, "=order"),
    process(
        "many",
        start(),
        repeated(
            sub_process("each", start("begin"), user("w"), end("done"), flows("begin -> w -> done")),
            inputCollection="=[1, 2, 3]",
            inputElement="item",
        ),
        event_gateway("which"),
        catch("replied", message_event("r")),
        catch("waited", timer("timeDuration", "PT2H")),
        end(),
        flows("start -> each -> which -> replied -> end", "which -> waited -> end"),
        event_sub_process(
            "noting",
            message_event("m"),
            script("noted", "=notes + 1", "notes"),
            end("noted_end"),
            flows("noting_start -> noted -> noted_end"),
            interrupting=False,
        ),
    ),
)
BEGUN = diagram(
    message("m", APPLY),
    signal("s", ALARM),
    process(
        "begun",
        start("applied", message_event("m")),
        user("look"),
        element("endEvent", "shout", signal_event("s")),
        flows("applied -> look -> shout"),
    ),
)
TOLD = diagram(
    signal("s", ALARM),
    process("told", start("rung", signal_event("s")), user("act"), end(), flows("rung -> act -> end")),
)
FILES = tuple(
    (f"{name}.bpmn", globals()[name.upper()]) for name in ("report", "pair", "child", "many", "begun", "told")
)
STARTED_BY_HAND = ("report", "pair", "many")
COUNTED = {"report": (("count", "rounds"), ("reminded", "reminders")), "many": (("noted", "notes"),)}
"""Scripts that add one to a variable each time: how often they ran and the variable must say the same."""


def first_variables(order: str) -> dict[str, object]:
    """Return what an instance starts with."""
    return {"order": order, "rounds": 0, "reminders": 0, "notes": 0}


def another_version(number: int) -> tuple[str, bytes]:
    """Return a file of `report` whose content differs by the number."""
    name, content = FILES[0]
    return name, content.replace(b'name="PAY"', f'name="PAY {number}"'.encode())
