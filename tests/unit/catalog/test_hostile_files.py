"""Files that nobody should send: each ends in findings, or in PayloadTooLarge; nothing is fetched, expanded or run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.catalog import read_resources
from server.catalog.diagram import read_diagram
from server.catalog.markup import LARGEST_FILE
from server.errors import PayloadTooLarge
from tests.unit.catalog.judging import judge
from tests.unit.engine.diagrams import diagram, element, end, flows, process, script, start, sub_process, user

PLAIN = diagram(process("p", start(), user("x"), end(), flows("start -> x -> end")))
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


def with_doctype(doctype: str, name: str = "x") -> bytes:
    return PLAIN.replace(b"?>", f"?><!DOCTYPE {doctype}>".encode(), 1).replace(b'name="X"', f'name="{name}"'.encode())


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "well-formed XML"),
    "blank": (b" \n", "well-formed XML"),
    "NUL": (b"\x00" * 100, "well-formed XML"),
    "no XML": (b"process: p", "well-formed XML"),
    "truncated": (PLAIN[:-30], "well-formed XML"),
    "broken": (PLAIN.replace(b"</bpmn:userTask>", b""), "well-formed XML"),
    "attribute twice": (PLAIN.replace(b'id="x"', b'id="x" id="y"'), "well-formed XML"),
    "unbound prefix": (PLAIN.replace(b"<bpmn:startEvent", b"<odd:startEvent"), "well-formed XML"),
    "two roots": (PLAIN + b"<a/>", "well-formed XML"),
    "unknown encoding": (PLAIN.replace(b"UTF-8", b"klingon"), "well-formed XML"),
    "wrong encoding": (PLAIN.replace(b'name="X"', b'name="\xff"'), "well-formed XML"),
    "undeclared entity": (PLAIN.replace(b'name="X"', b'name="&x;"'), "well-formed XML"),
    "document type": (with_doctype("bpmn"), "DOCTYPE"),
    "external document type": (with_doctype('bpmn SYSTEM "http://127.0.0.1:9/x.dtd"'), "DOCTYPE"),
    "external entity": (with_doctype('bpmn [<!ENTITY x SYSTEM "file:///etc/passwd">]'), "DOCTYPE"),
    "external parameter": (with_doctype('bpmn [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]'), "DOCTYPE"),
    "billion laughs": (with_doctype(f'bpmn [<!ENTITY a0 "ha">{LAUGHS}]', "&a11;"), "expected well-formed XML"),
    "laughs in an element": (
        with_doctype(f'bpmn [<!ENTITY a0 "ha">{LAUGHS}]').replace(b"</bpmn:startEvent>", b"&a11;</bpmn:startEvent>"),
        "expected well-formed XML",
    ),
    "deep": (b"<a>" * 100_000 + b"</a>" * 100_000, "well-formed XML"),
    "rather deep": (b"<a>" * 201 + b"</a>" * 201, "nested deeper than 200"),
    "other root": (b"<html/>", "the root element html"),
    "other namespace": (PLAIN.replace(b"20100524/MODEL", b"20100524/OTHER"), "the root element definitions"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_diagram_is_one_finding(name) -> None:
    content, said = HOSTILE[name]
    ((element_id, message, path),) = judge(content)
    assert (element_id, path) == ("", "d.bpmn")
    assert said in message
    assert "root:" not in message, "nothing of a file of this machine is told"


@pytest.mark.parametrize("name", [n for n in HOSTILE if "other" not in n])
def test_a_hostile_decision_file_is_a_finding(name) -> None:
    assert judge(HOSTILE[name][0], "d.dmn")


def test_another_root_is_no_decision_file() -> None:
    ((_, message, path),) = judge(b"<html/>", "d.dmn")
    assert "no DMN" in message
    assert path.startswith("d.dmn")


def test_a_diagram_that_is_read_alone_has_the_same_bound() -> None:
    with pytest.raises(PayloadTooLarge):
        read_diagram("d.bpmn", b" " * (LARGEST_FILE + 1))


@pytest.mark.parametrize("suffix", ["bpmn", "dmn", "form"])
def test_fifty_megabytes_are_too_large(suffix) -> None:
    with pytest.raises(PayloadTooLarge, match=rf"d\.{suffix}: expected at most {LARGEST_FILE} bytes, found 52428800"):
        judge(b" " * (50 * 1024 * 1024), f"d.{suffix}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "gb18030"])
def test_other_encodings_that_xml_knows_are_read(encoding) -> None:
    named = PLAIN.decode().replace('name="X"', 'name="办理"')
    written = named.replace("UTF-8", encoding.removesuffix("-sig").removesuffix("-le")).encode(encoding)
    (file,) = read_resources([("d.bpmn", written)]).processes
    assert file.process.body.nodes["x"].name == "办理"


def test_nested_sub_processes_to_the_limit() -> None:
    inside = start("s") + user("x") + flows("s -> x")
    for depth in range(190):
        inside = f"{start(f's{depth}')}{sub_process(f'b{depth}', inside)}{flows(f's{depth} -> b{depth}')}"
    assert judge(diagram(process("p", inside))) == []


def test_too_many_elements() -> None:
    names = [f"n{number}" for number in range(3000)]
    huge = diagram(process("p", start(), *(user(name) for name in names), flows(" -> ".join(["start", *names]))))
    ((element_id, message, path),) = judge(huge)
    assert (element_id, path) == ("p", "d.bpmn/p")
    assert "more than 5000 elements; split the process by call activities" in message


@pytest.mark.parametrize(
    "text", ["(" * 5000, "-" * 5000 + "1", "[" * 200 + "]" * 200, "1" + "+1" * 20_000, '"' + "a" * 50_000]
)
def test_an_expression_that_is_too_much_does_not_compile(text) -> None:
    shown = diagram(process("p", start(), script("x", f"={text}", "r"), flows("start -> x")))
    ((element_id, message, _),) = judge(shown)
    assert (element_id, message[:35]) == ("x", "the expression does not compile: Th"[:35])


FORM = {"id": "f", "type": "default", "components": []}
FORMS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "form-js schema in JSON"),
    "no JSON": (b"{", "form-js schema in JSON"),
    "UTF-16": (json.dumps(FORM).encode("utf-16"), "form-js schema in JSON"),
    "not a number": (b'{"id": "f", "x": NaN}', "NaN is no JSON"),
    "infinity": (b'{"id": "f", "x": -Infinity}', "-Infinity is no JSON"),
    "long number": (b'{"id": "f", "x": ' + b"9" * 5000 + b"}", "form-js schema in JSON"),
    "deep": (b'{"id": "f", "components":' + b"[" * 100_000, "form-js schema in JSON"),
    "list": (b"[]", "with an id"),
    "no id": (b"{}", "with an id"),
    "id that is no text": (b'{"id": 7}', "with an id"),
    "empty id": (b'{"id": ""}', "with an id"),
    "endless id": (json.dumps({"id": "f" * 256}).encode(), "with an id"),
    "half a character": (b'{"id": "\\ud800"}', "with an id"),
    "id with NUL": (b'{"id": "a\\u0000"}', "with an id"),
    "tag that is no text": (b'{"id": "f", "versionTag": 7}', "a text as versionTag, found 7"),
    "tag with NUL": (b'{"id": "f", "versionTag": "\\u0000"}', "a text as versionTag"),
    "components that are none": (b'{"id": "f", "type": "default", "components": 7}', ""),
    "component that is none": (b'{"id": "f", "type": "default", "components": [7]}', ""),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_is_a_finding(name) -> None:
    content, said = FORMS[name]
    rows = judge(content, "f.form")
    assert rows
    assert said in rows[0][1]


def test_a_form_with_a_byte_order_mark_is_kept_without() -> None:
    (form,) = read_resources([("f.form", b"\xef\xbb\xbf" + json.dumps({**FORM, "versionTag": "v1"}).encode())]).forms
    assert json.loads(form.schema)["id"] == "f"
    assert (form.schema[0], form.version_tag) == ("{", "v1")


@pytest.mark.parametrize("name", ["d.txt", "bpmn", "", "d.bpmn.exe", "form"])
def test_other_files_are_not_deployed(name) -> None:
    ((_, message, path),) = judge(b"", name)
    assert (message, path) == ("expected a file ending in .bpmn, .dmn or .form", name)


EVIL = '__import__("os").system("touch {}")'
PLACES = {
    "script": lambda text: script("x", text, "r"),
    "old script": lambda text: element("scriptTask", "x", f"<bpmn:script>{text}</bpmn:script>", scriptFormat="python"),
    "assignee": lambda text: user("x", assignee=text),
    "spiff": lambda text: element(
        "userTask", "x", '<bpmn:extensionElements><s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">'
        f"{text}</s:preScript></bpmn:extensionElements>"),
    "listener": lambda text: element(
        "userTask", "x", '<bpmn:extensionElements><c:taskListener xmlns:c="http://camunda.org/schema/1.0/bpmn" '
        f'event="create"><c:script>{text}</c:script></c:taskListener></bpmn:extensionElements>'),
}  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "="])
@pytest.mark.parametrize("place", PLACES)
def test_python_in_a_diagram_is_text_or_a_finding(tmp_path: Path, place, prefix) -> None:
    trace = tmp_path / "run"
    shown = diagram(process("p", start(), PLACES[place](prefix + EVIL.format(trace).replace('"', "&quot;")),
                            flows("start -> x")))  # fmt: skip
    rows = judge(shown)
    assert rows or (place, prefix) == ("assignee", "")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("space", "tag"),
    [
        ("http://camunda.org/schema/1.0/bpmn", "camunda:inputOutput"),
        ("http://spiffworkflow.org/bpmn/schema/1.0/core", "spiffworkflow:serviceTaskOperator"),
        ("http://activiti.org/bpmn", "activiti:executionListener"),
        ("http://flowable.org/bpmn", "flowable:field"),
        ("http://www.jboss.org/drools", "drools:onEntry-script"),
        ("http://camunda.org/schema/zeebe/2.0", "zeebe2:script"),
    ],
)
def test_dialects_of_other_engines_are_named(space, tag) -> None:
    prefix, name = tag.split(":")
    shown = diagram(
        process("p", start(),
                f'<bpmn:task id="x" xmlns:{prefix}="{space}" {prefix}:async="true"><bpmn:extensionElements>'
                f"<{tag}/></bpmn:extensionElements></bpmn:task>", flows("start -> x"))
    )  # fmt: skip
    (child, attribute) = judge(shown)
    assert child == ("x", f"extensions of another engine are not executed: {name}; use zeebe: elements and FEEL",
                     f"d.bpmn/p/x/{name}")  # fmt: skip
    assert attribute == (
        "x",
        "attributes of another engine are not executed: async; use the zeebe dialect",
        "d.bpmn/p/x",
    )


def test_reading_a_diagram_never_loads_an_executor() -> None:
    """The catalog needs nothing that could run a diagram's text: SpiffWorkflow is not even imported."""
    code = (
        "import sys, server.catalog\n"
        "assert not [name for name in sys.modules if name.startswith('SpiffWorkflow')], 'SpiffWorkflow is there'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
