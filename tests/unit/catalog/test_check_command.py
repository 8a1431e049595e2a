"""`muster check`: a verdict for every file, whatever it holds, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from tests.unit.engine.diagrams import (
    diagram,
    element,
    end,
    flows,
    link_catch,
    link_throw,
    process,
    signal,
    signal_event,
    start,
    sub_process,
    timer,
    user,
)

HOME = Path(__file__).resolve().parents[3]
PLAIN = diagram(process("p", start(), user("x"), end(), flows("start -> x -> end")))
PICTURE = PLAIN.replace(b'isExecutable="true"', b'isExecutable="false"')
DMN = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="r" name="R" namespace="t"/>'
FORM = b'{"id": "f", "type": "default", "components": []}'


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def verdict(tmp_path: Path, content: bytes, name: str = "d.bpmn", *options: str) -> tuple[str, list[dict[str, str]]]:
    """Return the verdict on one file and its findings."""
    (tmp_path / name).write_bytes(content)
    result = run(tmp_path, "--format", "json", *options)
    (file,) = json.loads(result.output)["files"]
    assert file["file"] == name
    assert result.exit_code == (0 if file["accepted"] else 1)
    for finding in file["findings"]:
        assert finding["message"]
        assert finding["path"].startswith(name)
    return file["verdict"], file["findings"]


DEEP = "".join("<bpmn:subProcess id='s'>" for _ in range(10_000)) + "</bpmn:subProcess>" * 10_000
SELF = diagram(process("p", start(), user("x"), end(), flows("start -> x -> end", "x -> x")))
VERDICTS: dict[str, tuple[bytes, str, str]] = {
    "plain": (PLAIN, "runs", ""),
    "a picture": (PICTURE, "not executable", "no process is marked executable"),
    "no process at all": (diagram("<bpmn:globalUserTask id='g'/>"), "not executable", "found globalUserTask"),
    "a choreography": (diagram("<bpmn:choreography id='c'/>"), "not executable", "found choreography"),
    "a conversation": (diagram("<bpmn:conversation id='c'/>"), "not executable", "found conversation"),
    "nothing inside": (diagram(), "not executable", "found none"),
    "empty": (b"", "unreadable", "well-formed XML"),
    "binary": (bytes(range(256)), "unreadable", "well-formed XML"),
    "truncated": (PLAIN[:-40], "unreadable", "well-formed XML"),
    "declared otherwise": (PLAIN.replace(b"UTF-8", b"UTF-16"), "unreadable", "well-formed XML"),
    "document type": (PLAIN.replace(b"?>", b"?><!DOCTYPE a>", 1), "unreadable", "DOCTYPE"),
    "deep": (diagram(process("p", start(), DEEP)), "unreadable", "well-formed XML"),
    "large": (b" " * (5 * 1024 * 1024 + 1), "unreadable", "at most 5242880 bytes, found more"),
    "DMN": (DMN, "not BPMN, DMN or a form", "let its name end in .dmn"),
    "XPDL": (b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>', "not BPMN, DMN or a form", "XPDL: export"),
    "CMMN": (
        b'<c:definitions xmlns:c="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
        "not BPMN, DMN or a form",
        "case",
    ),
    "a draft": (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>', "not BPMN, DMN or a form", "a draft of"),
    "BPMN 1": (
        b'<bpmn:Diagram xmlns:bpmn="http://www.eclipse.org/stp/BPMN"/>',
        "not BPMN, DMN or a form",
        "another version",
    ),
    "a web page": (b"<html><body/></html>", "not BPMN, DMN or a form", "a web page"),
    "a picture file": (b"<mxfile/>", "not BPMN, DMN or a form", "draw.io"),
    "a part": (
        b'<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
        "not BPMN, DMN or a form",
        "a part of",
    ),
    "other XML": (b"<a/>", "not BPMN, DMN or a form", "the root element a without a namespace"),
    "id twice": (diagram(process("p", start(), user("x"), user("x"), flows("start -> x"))), "refused", "used twice"),
    "process twice": (diagram(process("p", start()), process("p", start())), "refused", "used twice"),
    "dangling": (diagram(process("p", start(), flows("start -> nowhere"))), "refused", "'nowhere', which is not"),
    "no ids": (PLAIN.replace(b' id="', b' odd="'), "refused", "has no id"),
    "across pools": (
        diagram(
            process("p", start(), user("x"), flows("start -> x -> y")),
            process("q", start("s"), user("y"), flows("s -> y")),
        ),
        "refused",
        "'y', which is not in the same process",
    ),
    "across scopes": (
        diagram(
            process("p", start(), sub_process("b", start("s"), user("y")), flows("start -> b", "s -> y", "b -> y"))
        ),
        "refused",
        "'s', which is not in the same process",
    ),
    "to itself": (SELF, "runs after normalising", "2 flows leave it, all are taken"),
    "boundary of nothing": (
        diagram(process("p", start(), element("boundaryEvent", "b", timer("timeDuration", "PT1H")))),
        "refused",
        "sits on an activity of the same process, found None",
    ),
    "a last task": (
        diagram(process("p", start(), user("x"), flows("start -> x"))),
        "runs after normalising",
        "end event",
    ),
    "a link": (
        diagram(
            process("p", start(), link_throw("t", "L"), link_catch("c", "L"), end(), flows("start -> t", "c -> end"))
        ),
        "runs after normalising",
        "executed as a flow to c",
    ),
    "a task inside": (
        diagram(
            process(
                "p",
                start(),
                sub_process("b", start("s"), element("task", "y"), end("e"), flows("s -> y -> e")),
                end(),
                flows("start -> b -> end"),
            )
        ),
        "runs after normalising",
        "passes at once",
    ),
    "start timer": (diagram(process("p", start("s", timer("timeDate", "=today() + 1")))), "refused", "(at deployment)"),
    "signal name": (
        diagram(signal("s", "=a + 1"), process("p", start("s1", signal_event("s")))),
        "refused",
        "(at deployment)",
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_every_file_has_a_verdict(tmp_path: Path, name: str) -> None:
    content, expected, said = VERDICTS[name]
    found, findings = verdict(tmp_path, content)
    assert (found, any(said in finding["message"] for finding in findings) or not said) == (expected, True), findings


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (FORM, "f.form", "usable"),
        (b"{", "f.form", "unreadable"),
        (DMN, "r.dmn", "usable"),
        (PLAIN, "r.dmn", "not BPMN, DMN or a form"),
        (PLAIN, "d.bpmn20.xml", "refused"),
        (PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "d.bpmn2", "refused"),
        (PLAIN, "D.BPMN", "runs"),
    ],
)
def test_other_kinds_and_names(tmp_path: Path, content: bytes, name: str, expected: str) -> None:
    assert verdict(tmp_path, content, name)[0] == expected


def test_a_picture_is_judged_on_demand(tmp_path: Path) -> None:
    picture = PICTURE.replace(b"<zeebe:userTask></zeebe:userTask>", b"")
    found, findings = verdict(tmp_path, picture, "d.bpmn", "--as-executable")
    assert found == "not executable"
    assert [finding["elementId"] for finding in findings] == ["", "x"]


def test_lines_name_elements_and_end_in_a_summary(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(PLAIN)
    (tmp_path / "sub").mkdir()
    odd = PLAIN.replace(b'id="p"', b'id="q"').replace(b'name="X"', "名&#10;\u202e 🚲".encode().join([b'name="', b'"']))
    (tmp_path / "sub" / "b.bpmn").write_bytes(odd.replace(b"<zeebe:userTask></zeebe:userTask>", b""))
    (tmp_path / "notes.txt").write_text("not looked at", encoding="utf-8")
    (tmp_path / "other.xml").write_text("<a/>", encoding="utf-8")
    result = run(tmp_path)
    assert result.exit_code == 1
    first, second, finding, *rest = result.output.splitlines()
    assert (first, second) == ("a.bpmn: runs", "sub/b.bpmn: refused, 1 finding")
    assert finding.startswith("  error: sub/b.bpmn/q/x: x (名 \\u202e 🚲): expected zeebe:userTask")
    assert [line.split() for line in rest if line] == [["runs", "1"], ["refused", "1"], ["files", "2"]]
    assert run(tmp_path, "--quiet").output.splitlines()[:3] == [first, second, ""]


def test_ids_that_two_files_use_do_not_spoil_the_verdict_on_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(PLAIN)
    (tmp_path / "b.bpmn").write_bytes(PLAIN)
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "b.bpmn: id used by another file, 1 finding" in result.output
    assert "the process id is used by two diagrams, here and a.bpmn" in result.output


def test_warnings_count_only_when_they_shall(tmp_path: Path) -> None:
    overlap = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="r" name="R" namespace="t">'
        '<decision id="d" name="D"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i"><inputExpression '
        'typeRef="number"><text>n</text></inputExpression></input><output id="o" name="o" typeRef="number"/>'
        '<rule id="r1"><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>'
        '<rule id="r2"><inputEntry><text>&lt; 3</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>'
        "</decisionTable></decision></definitions>"
    )
    (tmp_path / "r.dmn").write_text(overlap, encoding="utf-8")
    assert run(tmp_path).exit_code == 0
    assert run(tmp_path, "--strict").exit_code == 1


def test_files_that_cannot_be_opened_and_odd_names(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.bpmn")
    (tmp_path / "gone.bpmn").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.bpmn").mkdir()
    (tmp_path / "办理 \n.bpmn").write_bytes(PLAIN)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.bpmn")).write_bytes(b"")
    result = run(tmp_path)
    assert result.exit_code == 1
    lines = [line for line in result.output.splitlines() if line.endswith(("unreadable, 1 finding", ": runs"))]
    assert lines == [
        "gone.bpmn: unreadable, 1 finding",
        "pipe.bpmn: unreadable, 1 finding",
        "办理 \\n.bpmn: runs",
        "\\xff.bpmn: unreadable, 1 finding",
    ]


def test_names_that_a_terminal_cannot_show_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "办理🚲.bpmn").write_bytes(PLAIN)
    command = [sys.executable, "-c", "from server.cli import main; main()", "check", str(tmp_path)]
    environment = {**os.environ, "PYTHONIOENCODING": "gbk"}
    result = subprocess.run(command, env=environment, cwd=HOME, capture_output=True, timeout=60, check=True)
    assert result.stdout.decode("gbk").splitlines()[0] == "办理\\U0001f6b2.bpmn: runs"


def test_what_is_wrong_with_a_start_is_said_once(tmp_path: Path) -> None:
    found, findings = verdict(tmp_path, diagram(process("p", start("s", timer("timeDate", "=today() +")))))
    assert (found, [finding["severity"] for finding in findings].count("error")) == ("refused", 1)


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "found none" in result.output


def test_the_shipped_files_are_accepted() -> None:
    result = run(HOME / "processes", HOME / "forms", "--strict")
    assert result.exit_code == 0, result.output
