"""File pickers are found with their paths and accept lists, and values by paths with rows."""

from __future__ import annotations

import json

from server.forms import find_values, parse_form


def test_file_fields_of_groups_and_rows_are_listed() -> None:
    rows = {"type": "dynamiclist", "path": "rows", "components": [{"type": "filepicker", "key": "f"}]}
    group = {"type": "group", "path": "g", "components": [{"type": "filepicker", "key": "f.x", "accept": ".pdf"}, rows]}
    computed = {"type": "filepicker", "key": "c", "accept": '="image/*"'}
    text = {"type": "textfield", "key": "t", "accept": ".pdf"}
    form = parse_form(json.dumps({"id": "f", "components": [group, computed, text]}))
    found = {field.path: field.accept for field in form.file_fields}
    assert found == {("g", "f", "x"): ".pdf", ("g", "rows", "*", "f"): "", ("c",): ""}
    assert [field.accept_expression is not None for field in form.file_fields] == [False, False, True]


def test_values_are_found_by_their_path() -> None:
    data = {"a": {"b": [{"c": 1}, {}, {"c": None}, 7]}, "x": None}
    assert list(find_values(data, ("a", "b", "*", "c"))) == [(("a", "b", 0, "c"), 1), (("a", "b", 2, "c"), None)]
    assert list(find_values(data, ("x",))) == [(("x",), None)]
    assert list(find_values(data, ("x", "*", "y"))) == []
    assert list(find_values(data, ("a", "y"))) == []
