from pathlib import Path

import pytest

from server.governance.organisation import Organisation, Person, parse_organisation
from server.model import Unit

FOLDER = Path(__file__).parents[3] / "organisation"
SMALL = {
    "units.yaml": """
units:
  - {id: lake, name: 明湖区, kind: district}
  - {id: silk, name: 锦绣街道, kind: street, parent: lake}
  - {id: roads, name: 城市管理局, kind: department, parent: lake}
""",
    "roles.yaml": """
roles:
  - {id: street_desk, name: 街道受理岗, units: [street]}
  - {id: dept_head, name: 单位负责人, units: [department]}
""",
    "people.yaml": """
people:
  - {id: lin, name: 林悦, roles: [street_desk@silk]}
  - {id: guest, name: 来宾}
""",
}


def with_entry(file: str, entry: str) -> dict[str, str]:
    return {**SMALL, file: f"{SMALL[file]}  - {entry}\n"}


@pytest.fixture(scope="module")
def example() -> Organisation:
    organisation, findings = parse_organisation({p.name: p.read_text("utf-8") for p in FOLDER.glob("*.yaml")})
    assert findings == ()
    return organisation


def test_small_organisation_is_read() -> None:
    organisation, findings = parse_organisation(SMALL)
    assert findings == ()
    assert organisation.units["silk"] == Unit("silk", "锦绣街道", "street", "lake")
    assert organisation.roles["dept_head"].unit_kinds == {"department"}
    assert organisation.people == {
        "lin": Person("lin", "林悦", ("street_desk@silk",)),
        "guest": Person("guest", "来宾"),
    }


def test_members_of_a_group() -> None:
    organisation, _ = parse_organisation(SMALL)
    assert [person.person_id for person in organisation.members("street_desk@silk")] == ["lin"]
    assert organisation.members("dept_head@roads") == ()


def test_ancestors_go_up_to_the_top() -> None:
    organisation, _ = parse_organisation(SMALL)
    assert [unit.unit_id for unit in organisation.ancestors("silk")] == ["lake"]
    with pytest.raises(KeyError):
        organisation.ancestors("moon")


@pytest.mark.parametrize(
    ("file", "entry", "element", "path", "words"),
    [
        (
            "units.yaml",
            "{id: x, name: X, kind: street, parent: moon}",
            "x",
            "units.yaml/4/parent",
            "id 'moon'",
        ),
        ("units.yaml", "{id: silk, name: X, kind: street, parent: lake}", "silk", "units.yaml/4/id", "'silk' again"),
        ("units.yaml", "{id: x, name: X, kind: castle, parent: lake}", "x", "units.yaml/4/kind", "found 'castle'"),
        ("units.yaml", "{id: x, name: X, kind: street}", "x", "units.yaml/4/parent", "a parent for a street"),
        (
            "units.yaml",
            "{id: x, name: X, kind: grid, parent: silk}",
            "x",
            "units.yaml/4/parent",
            "to community",
        ),
        ("units.yaml", "{id: x, name: X, kind: city, parent: lake}", "x", "units.yaml/4/parent", "to nothing"),
        ("units.yaml", "{id: x, kind: district}", "x", "units.yaml/4/name", "expected this key"),
        ("units.yaml", "{id: x, name: '', kind: district}", "x", "units.yaml/4/name", "1 to 200 characters"),
        ("units.yaml", "{id: x, name: X, kind: district, colour: red}", "x", "units.yaml/4/colour", "not known here"),
        ("units.yaml", "{id: 'a b', name: X, kind: district}", "units.yaml/4", "units.yaml/4/id", "'a b'"),
        ("units.yaml", "just words", "units.yaml/4", "units.yaml/4", "keys and values"),
        ("roles.yaml", "{id: r, name: R, units: [castle]}", "r", "roles.yaml/3/units", "found 'castle'"),
        ("roles.yaml", "{id: r, name: R, units: street}", "r", "roles.yaml/3/units", "a list of texts"),
        ("people.yaml", "{id: p, name: P, roles: [street_desk@moon]}", "p", "people.yaml/3/roles", "found 'moon'"),
        ("people.yaml", "{id: p, name: P, roles: [king@silk]}", "p", "people.yaml/3/roles", "found 'king'"),
        ("people.yaml", "{id: p, name: P, roles: [street_desk]}", "p", "people.yaml/3/roles", "expected role@unit"),
        ("people.yaml", "{id: p, name: P, roles: [dept_head@silk]}", "p", "people.yaml/3/roles", "held at department"),
        (
            "people.yaml",
            "{id: p, name: P, roles: [street_desk@silk, street_desk@silk]}",
            "p",
            "people.yaml/3/roles",
            "found one twice",
        ),
    ],
)
def test_every_mistake_is_one_finding(file: str, entry: str, element: str, path: str, words: str) -> None:
    organisation, findings = parse_organisation(with_entry(file, entry))
    assert [(f.element_id, f.path) for f in findings] == [(element, path)]
    assert words in findings[0].message
    assert organisation == Organisation()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "expected a file people.yaml"),
        ("people: [", "not YAML"),
        ("persons: []", "expected one key 'people'"),
        ("people: {}", "expected one key 'people'"),
        ("people: []" + "#" * 5_000_000, "at most 5000000 characters"),
    ],
)
def test_unusable_files_are_findings(text: str | None, words: str) -> None:
    texts = {name: said for name, said in {**SMALL, "people.yaml": text}.items() if said is not None}
    organisation, findings = parse_organisation(texts)
    assert [(f.element_id, f.path) for f in findings] == [("people", "people.yaml")]
    assert words in findings[0].message
    assert organisation == Organisation()


def test_yaml_cannot_make_objects() -> None:
    texts = {**SMALL, "people.yaml": "people: [!!python/object/apply:os.getcwd []]"}
    assert "not YAML" in parse_organisation(texts)[1][0].message


def test_example_is_a_whole_district(example: Organisation) -> None:
    kinds = [unit.kind for unit in example.units.values()]
    assert {kind: kinds.count(kind) for kind in ("district", "street", "community", "department", "enterprise")} == {
        "district": 1,
        "street": 2,
        "community": 5,
        "department": 6,
        "enterprise": 4,
    }


def test_example_staffs_every_unit_that_has_tasks(example: Organisation) -> None:
    needed = {
        "street": ("street_desk", "street_lead"),
        "community": ("community_worker",),
        "department": ("dept_handler", "dept_head"),
        "enterprise": ("dept_handler", "dept_head"),
        "district": ("district_office", "revisit_desk"),
    }
    unstaffed = [
        f"{role}@{unit.unit_id}"
        for unit in example.units.values()
        for role in needed.get(unit.kind, ())
        if not example.members(f"{role}@{unit.unit_id}")
    ]
    assert unstaffed == []
