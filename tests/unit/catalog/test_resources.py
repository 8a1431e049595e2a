"""Files that are deployed together: what they define, how they are bound, and what their hashes say."""

from __future__ import annotations

import json

from server.catalog import read_resources
from server.catalog.model import Binding, UserWork
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import (
    call,
    diagram,
    element,
    end,
    extension,
    flows,
    process,
    start,
    sub_process,
    user,
    zeebe,
)

RULES = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="r" name="Rules" namespace="t">'
    '<decision id="d" name="D"><literalExpression><text>1 + 1</text></literalExpression></decision></definitions>'
)


def form(form_id: str = "f", **more: object) -> bytes:
    return json.dumps({"id": form_id, "type": "default", "components": [], **more}).encode()


def bound(*, form_binding: str = "deployment", calls: str | None = None, process_id: str = "p") -> bytes:
    parts = [
        start(),
        user("x", zeebe("formDefinition", formId="f", bindingType=form_binding)),
        element("businessRuleTask", "y", extension(
            zeebe("calledDecision", decisionId="d", resultVariable="r", bindingType="deployment"))),
        flows("start -> x -> y"),
    ]  # fmt: skip
    if calls is not None:
        parts += [call("c", calls, bindingType="deployment"), flows("y -> c")]
    return diagram(process(process_id, *parts))


def called(process_id: str, *extra: str) -> bytes:
    return diagram(process(process_id, start(), *extra, end(), flows("start -> end")))


FILES = [("p.bpmn", bound()), ("f.form", form()), ("r.dmn", RULES.encode())]


def hash_of(files: list[tuple[str, bytes]], process_id: str = "p") -> str:
    catalog = read_resources(files)
    assert not catalog.errors, catalog.errors
    return catalog.hashes()["process", process_id]


def test_what_the_files_define() -> None:
    catalog = read_resources(FILES)
    assert catalog.findings == ()
    (file,) = catalog.processes
    assert (file.process.id, file.resource_name) == ("p", "p.bpmn")
    assert [(f.id, f.resource_name) for f in catalog.forms] == [("f", "f.form")]
    assert [(d.id, d.name, d.resource_name) for d in catalog.decisions] == [("d", "D", "r.dmn")]
    assert set(catalog.hashes()) == {("process", "p"), ("form", "f"), ("decision", "d")}
    work = file.process.body.nodes["x"].work
    assert isinstance(work, UserWork)
    assert work.form is not None
    assert work.form.binding is Binding.DEPLOYMENT


def test_the_start_form_belongs_to_the_process() -> None:
    shown = diagram(process("p", start("s", extension(zeebe("formDefinition", formId="f")))))
    (file,) = read_resources([("p.bpmn", shown), ("f.form", form())]).processes
    assert file.process.start_form is not None
    assert file.process.start_form.id.text == "f"
    assert file.process.body.nodes["s"].work is None


def test_the_hash_changes_with_what_is_bound() -> None:
    plain = hash_of(FILES)
    assert hash_of(list(reversed(FILES))) == plain
    assert hash_of([FILES[0], ("f.form", form(title="new")), FILES[2]]) != plain
    assert hash_of([*FILES[:2], ("r.dmn", RULES.replace("1 + 1", "2").encode())]) != plain
    assert hash_of([*FILES, ("g.form", form("g"))]) == plain, "what is not bound does not count"


def test_the_hash_does_not_change_with_the_latest_of_a_form() -> None:
    files = [("p.bpmn", bound(form_binding="latest")), *FILES[1:]]
    assert hash_of(files) == hash_of([files[0], ("f.form", form(title="new")), files[2]])


def test_the_hash_changes_with_a_called_process_that_is_bound_however_far() -> None:
    a, b = ("p.bpmn", bound(calls="q")), ("q.bpmn", bound(calls="p", process_id="q"))
    plain = [hash_of([a, b, *FILES[1:]], "p"), hash_of([a, b, *FILES[1:]], "q")]
    changed = [a, ("q.bpmn", b[1].replace(b'name="X"', b'name="Y"')), *FILES[1:]]
    assert hash_of(changed, "p") != plain[0], "it calls a process that has changed"
    far = [("c.bpmn", diagram(process("c", start(), call("x", "p", bindingType="deployment"), flows("start -> x"))))]
    assert hash_of([*far, a, b, *FILES[1:]], "c") != hash_of([*far, *changed], "c")
    assert hash_of([*far, a, b, *FILES[1:]], "p") == plain[0], "who calls it does not count"


def test_a_call_of_the_latest_process_is_not_bound() -> None:
    shown = diagram(process("p", start(), call("x", "q"), flows("start -> x")))
    one, two = called("q"), called("q", element("task", "t"), flows("start -> t"))
    assert hash_of([("p.bpmn", shown), ("q.bpmn", one)]) == hash_of([("p.bpmn", shown), ("q.bpmn", two)])


def test_ids_that_two_files_use() -> None:
    catalog = read_resources([*FILES, ("p2.bpmn", bound()), ("f2.form", form()), ("r2.dmn", RULES.encode())])
    assert [(f.element_id, f.message, f.path) for f in catalog.findings] == [
        ("p", "the process id is used by two diagrams, here and p.bpmn", "p2.bpmn"),
        ("f", "the form id is used by two files, here and f.form", "f2.form"),
        ("d", "the decision id is used by two files, here and r.dmn", "r2.dmn"),
    ]


def test_names_that_an_expression_tells_are_not_judged() -> None:
    shown = diagram(process("p", start(), user("x", zeebe("formDefinition", formId="=which")), flows("start -> x")))
    assert read_resources([("p.bpmn", shown)]).findings == ()


def test_what_is_deployed_already_is_found() -> None:
    shown = diagram(process("p", start(), user("x", zeebe("formDefinition", formId="g")), flows("start -> x")))
    assert read_resources([("p.bpmn", shown)], Surroundings(forms={"g"})).findings == ()
    assert len(read_resources([("p.bpmn", shown)]).errors) == 1


def test_the_references_of_sub_processes_count() -> None:
    inside = sub_process("b", start("s"), user("x", zeebe("formDefinition", formId="g")), flows("s -> x"))
    shown = diagram(process("p", start(), inside, flows("start -> b")))
    assert [f.path for f in read_resources([("p.bpmn", shown)]).findings] == ["p.bpmn/p/form[g]"]


def test_mistakes_in_a_decision_file_are_told_with_its_name() -> None:
    catalog = read_resources([("r.dmn", RULES.replace("1 + 1", "1 +").encode())])
    assert catalog.errors
    assert all(finding.path.startswith("r.dmn") for finding in catalog.findings)


def test_warnings_do_not_stand_in_the_way() -> None:
    overlap = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="r" name="R" namespace="t">'
        '<decision id="d" name="D"><decisionTable id="t" hitPolicy="UNIQUE">'
        '<input id="i"><inputExpression typeRef="number">'
        "<text>n</text></inputExpression></input><output id='o' name='o' typeRef='number'/>"
        "<rule id='r1'><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
        "<rule id='r2'><inputEntry><text>&lt; 3</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>"
        "</decisionTable></decision></definitions>"
    )  # fmt: skip
    catalog = read_resources([("r.dmn", overlap.encode())])
    assert catalog.findings
    assert catalog.errors == ()
