"""The processes whose steps are timed: loops, fans, chains, and one with everything an office needs."""

from __future__ import annotations

from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    element,
    end,
    extension,
    flows,
    parallel,
    process,
    repeated,
    script,
    start,
    timer,
    user,
    xor,
    zeebe,
)

STRAIGHT = 300
ROUNDS_OF_OPINION = 5
OPINIONS = [f"{name}_{number}" for number in range(ROUNDS_OF_OPINION) for name in ("ask", "weigh", "note")]


LOOPS = {
    "plain": diagram(
        process(
            "loop",
            start(),
            user("work"),
            xor("again", default="again_end"),
            end(),
            flows("start -> work -> again -> end", "again -> work", again_work="=again = true"),
        )
    ),
    "with a timer boundary": diagram(
        process(
            "loop",
            start(),
            user("work"),
            boundary("late", "work", timer("timeDuration", "PT1H")),
            xor("again", default="again_end"),
            end(),
            flows("start -> work -> again -> end", "late -> again", "again -> work", again_work="=again = true"),
        )
    ),
    "with AND split and join": diagram(
        process(
            "loop",
            start(),
            xor("enter"),
            parallel("split"),
            user("work"),
            user("beside"),
            parallel("join"),
            xor("again", default="again_end"),
            end(),
            flows(
                "start -> enter -> split -> work -> join -> again -> end",
                "split -> beside -> join",
                "again -> enter",
                again_enter="=again = true",
            ),
        )
    ),
}
FAN = diagram(
    process(
        "fan",
        start(),
        repeated(user("work"), inputCollection="=for i in 1..count return i", inputElement="item"),
        end(),
        flows("start -> work -> end"),
    )
)
CALLED = diagram(
    process(
        "called",
        start(),
        user("work"),
        boundary("late", "work", timer("timeDuration", "PT1H")),
        end(),
        flows("start -> work -> end", "late -> end"),
    )
)
CALLER = diagram(
    process(
        "caller",
        start(),
        repeated(call("many", "called"), inputCollection="=for i in 1..count return i", inputElement="item"),
        end(),
        flows("start -> many -> end"),
    )
)
CHAIN = diagram(
    process(
        "chain",
        start(),
        *(user(f"u{number}") for number in range(STRAIGHT)),
        end(),
        flows(" -> ".join(["start", *(f"u{number}" for number in range(STRAIGHT)), "end"])),
    )
)
CHECK = diagram(process("check", start(), user("look"), end(), flows("start -> look -> end")))
OFFICE = diagram(
    process(
        "office",
        start(),
        user("register"),
        element(
            "businessRuleTask", "grade", extension(zeebe("calledDecision", decisionId="double", resultVariable="grade"))
        ),
        xor("level", default="level_street"),
        user("street"),
        boundary("street_late", "street", timer("timeDuration", "PT48H")),
        script("street_note", '="street: " + string(n)', "note"),
        xor("street_done", default="street_done_measures"),
        user("district"),
        boundary("district_late", "district", timer("timeDuration", "PT72H")),
        script("district_note", '="district: " + string(n)', "note"),
        script("measures", "=for i in 1..5 return {item: i, due: i * 2}", "measures_list"),
        repeated(
            user("measure"),
            inputCollection="=measures_list",
            inputElement="one",
            outputCollection="results",
            outputElement="=one.item",
        ),
        script("sum_up", "=count(results)", "total"),
        call("check", "check"),
        xor("satisfied", default="satisfied_close"),
        script("rework", "=if reworks = null then 1 else reworks + 1", "reworks"),
        parallel("close"),
        user("archive"),
        user("answer"),
        parallel("closed"),
        *(user(name) if name.startswith("ask") else script(name, "=n + 1", name) for name in OPINIONS),
        end(),
        flows(
            "start -> register -> grade -> level -> street -> street_note -> street_done -> measures -> measure"
            " -> sum_up -> check -> satisfied -> close -> archive -> closed",
            " -> ".join(["closed", *OPINIONS, "end"]),
            "close -> answer -> closed",
            "level -> district -> district_note -> measures",
            "street_done -> district",
            "street_late -> district",
            "district_late -> measures",
            "satisfied -> rework -> street",
            level_district="=grade.result > 100",
            street_done_district="=escalate = true",
            satisfied_rework="=satisfied = false",
        ),
    )
)
