from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from server.governance.affiliations import MEMBER_TYPES
from server.governance.organisation import Organisation, Person, parse_organisation
from server.governance.organisation_changes import Change, compare_organisation
from server.governance.unit_tree import UnitTree, is_there
from server.model import Affiliation, AffiliationKind, Unit

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
        (
            "units.yaml",
            "{id: x, name: X, kind: district, valid_to: yesterday}",
            "x",
            "units.yaml/4/valid_to",
            "a day such as 2026-01-01, found 'yesterday'",
        ),
        (
            "units.yaml",
            "{id: x, name: X, kind: district, valid_from: 2026-01-02, valid_to: '2026-01-01'}",
            "x",
            "units.yaml/4/valid_to",
            "from 2026-01-02 on",
        ),
        (
            "units.yaml",
            "{id: x, name: X, kind: district, valid_to: 2026-01-01, succeeded_by: silk}",
            "x",
            "units.yaml/4/succeeded_by",
            "a district as successor, found 'silk'",
        ),
        (
            "units.yaml",
            "{id: x, name: X, kind: district, succeeded_by: lake}",
            "x",
            "units.yaml/4/valid_to",
            "the last day",
        ),
        (
            "units.yaml",
            "{id: x, name: X, kind: district, valid_to: 2026-01-01, succeeded_by: x}",
            "x",
            "units.yaml/4/succeeded_by",
            "found a circle",
        ),
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


PAIRING = "pairing:\n  - {id: hill, lead: roads, members: [water], from: 2026-01-01}\n"
LEADING = "leading_group:\n  - {id: silk, type: territory}\n"
LARGER = {
    **SMALL,
    "units.yaml": SMALL["units.yaml"]
    + """  - {id: hill, name: 山社区, kind: community, parent: silk}
  - {id: water, name: 供水公司, kind: enterprise, parent: lake}
""",
    "pairing.yaml": PAIRING,
    "leading_group.yaml": LEADING,
}
LEAD = Affiliation(AffiliationKind.PAIRING, "hill", "roads", "lead", date(2026, 1, 1))


def test_affiliations_are_read() -> None:
    organisation, findings = parse_organisation(LARGER)
    assert findings == ()
    assert organisation.affiliations == {
        AffiliationKind.PAIRING: (
            LEAD,
            Affiliation(AffiliationKind.PAIRING, "hill", "water", "member", date(2026, 1, 1)),
        ),
        AffiliationKind.LEADING_GROUP: (Affiliation(AffiliationKind.LEADING_GROUP, "lake", "silk", "territory"),),
    }
    assert parse_organisation(SMALL)[0].affiliations == {}


@pytest.mark.parametrize(
    ("file", "entry", "path", "words"),
    [
        ("pairing.yaml", "{id: moon, lead: roads, members: []}", "pairing.yaml/2/id", "a community of units.yaml"),
        ("pairing.yaml", "{id: silk, lead: roads, members: []}", "pairing.yaml/2/id", "found 'silk'"),
        ("pairing.yaml", "{id: hill, members: []}", "pairing.yaml/1/lead", "expected this key"),
        ("pairing.yaml", "{id: hill, lead: silk, members: []}", "pairing.yaml/1/lead", "department or enterprise"),
        ("pairing.yaml", "{id: hill, lead: roads, members: [roads]}", "pairing.yaml/1/members", "found 'roads' again"),
        ("pairing.yaml", "{id: hill, lead: roads, members: [moon]}", "pairing.yaml/1/members", "found 'moon'"),
        ("leading_group.yaml", "{id: roads, type: king}", "leading_group.yaml/2/type", "found 'king'"),
        ("leading_group.yaml", "{id: moon, type: park}", "leading_group.yaml/2/id", "found 'moon'"),
    ],
)
def test_mistakes_in_affiliations_are_findings(file: str, entry: str, path: str, words: str) -> None:
    kept = "" if "id: hill" in entry else LARGER[file].partition("\n")[2]
    text = f"{LARGER[file].partition(chr(10))[0]}\n{kept}  - {entry}\n"
    organisation, findings = parse_organisation({**LARGER, file: text})
    assert [finding.path for finding in findings] == [path]
    assert words in findings[0].message
    assert organisation == Organisation()


def test_the_work_of_a_unit_goes_to_the_last_of_its_successors() -> None:
    old = Unit("old", "Old", "department", None, None, date(2025, 12, 31), "middle")
    middle = Unit("middle", "Middle", "department", None, date(2026, 1, 1), date(2026, 6, 30), "new")
    new, closed = Unit("new", "New", "department"), Unit("closed", "Closed", "department", valid_to=date(2025, 12, 31))
    tree = UnitTree([old, middle, new, closed])
    found = [tree.find_successor("old", day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1))]
    assert found == [old, middle, new]
    assert tree.find_successor("closed", date(2026, 1, 1)) is None
    assert tree.find_successor("moon", date(2026, 1, 1)) is None
    assert tree.list_units({"department"}, date(2026, 3, 1)) == (middle, new)


def test_differences_name_periods_successors_and_affiliations() -> None:
    wanted, _ = parse_organisation(LARGER)
    roads = wanted.units["roads"]
    before = Organisation(
        {**wanted.units, "roads": Unit("roads", roads.name, roads.kind, "lake", valid_to=date(2026, 1, 1))},
        wanted.roles,
        wanted.people,
        {
            AffiliationKind.PAIRING: (
                Affiliation(AffiliationKind.PAIRING, "hill", "roads", "member"),
                Affiliation(AffiliationKind.PAIRING, "hill", "silk", "lead"),
            )
        },
    )
    assert compare_organisation(before, wanted) == (
        Change("~", "unit", "roads", "valid_to 2026-01-01 → none"),
        Change("~", "pairing", "roads@hill", "member, none – none → lead, 2026-01-01 – none"),
        Change("-", "pairing", "silk@hill", "lead, none – none"),
        Change("+", "pairing", "water@hill", "member, 2026-01-01 – none"),
        Change("+", "leading_group", "silk@lake", "territory, none – none"),
    )
    assert compare_organisation(wanted, wanted) == ()


def test_yaml_cannot_make_objects() -> None:
    texts = {**SMALL, "people.yaml": "people: [!!python/object/apply:os.getcwd []]"}
    assert "not YAML" in parse_organisation(texts)[1][0].message


def test_example_is_a_whole_district(example: Organisation) -> None:
    kinds = [unit.kind for unit in example.units.values()]
    assert {kind: kinds.count(kind) for kind in ("district", "street", "community", "department", "enterprise")} == {
        "district": 1,
        "street": 4,
        "community": 17,
        "department": 64,
        "enterprise": 16,
    }


def test_example_has_the_numbers_of_the_articles(example: Organisation) -> None:
    """17 communities with 79 units, 4 to 8 each and one lead (S3-01, S3-06); 40 units in the leading group (S0-01)."""
    pairing = example.affiliations[AffiliationKind.PAIRING]
    communities = {unit.unit_id for unit in example.units.values() if unit.kind == "community"}
    sizes = Counter(one.body for one in pairing)
    assert sizes.keys() == communities
    assert min(sizes.values()) >= 4
    assert max(sizes.values()) <= 8
    assert len({one.unit_id for one in pairing}) == len(pairing) == 79
    assert Counter(one.body for one in pairing if one.role == "lead") == dict.fromkeys(communities, 1)
    leading = example.affiliations[AffiliationKind.LEADING_GROUP]
    assert len({one.unit_id for one in leading}) == len(leading) == 40
    assert {one.role for one in leading} == MEMBER_TYPES.keys()
    assert {one.body for one in leading} == {"minghu"}
    assert {is_there(one, date(2026, 7, 1)) for one in (*pairing, *leading)} == {True}


def test_every_community_of_the_example_has_a_committee_with_its_paired_units(example: Organisation) -> None:
    committees = {unit.parent_id: unit.unit_id for unit in example.units.values() if unit.kind == "committee"}
    for one in example.affiliations[AffiliationKind.PAIRING]:
        heads = {person.person_id for person in example.members(f"dept_head@{one.unit_id}")}
        members = {person.person_id for person in example.members(f"committee_member@{committees[one.body]}")}
        assert heads & members, one.unit_id
    for committee in committees.values():
        assert len(example.members(f"committee_chair@{committee}")) == 1
        assert len(example.members(f"committee_secretary@{committee}")) == 1


def test_example_staffs_every_unit_that_has_tasks(example: Organisation) -> None:
    needed = {
        "street": ("street_desk", "street_lead"),
        "community": ("community_worker", "community_secretary", "resident_cadre"),
        "grid": ("grid_worker",),
        "department": ("dept_handler", "dept_head"),
        "enterprise": ("dept_handler", "dept_head"),
        "district": (
            "district_platform",
            "district_office",
            "org_department",
            "revisit_desk",
            "second_checker",
            "third_party",
        ),
    }
    unstaffed = [
        f"{role}@{unit.unit_id}"
        for unit in example.units.values()
        if unit.valid_to is None
        for role in needed.get(unit.kind, ())
        if not example.members(f"{role}@{unit.unit_id}")
    ]
    assert unstaffed == []
