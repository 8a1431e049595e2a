from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from server.actions import ACTIONS, ActionCall, ActionFailed

number_case = ACTIONS["case.number"]
Calls = Callable[..., ActionCall]


def test_numbers_count_up_for_each_prefix(call: Calls) -> None:
    assert [number_case(call({"prefix": prefix}))["case_no"] for prefix in ("JX", "JX", "WH", "JX")] == [
        "JX-2026-000001",
        "JX-2026-000002",
        "WH-2026-000001",
        "JX-2026-000003",
    ]


def test_year_is_that_of_the_zone_and_starts_anew(call: Calls) -> None:
    before = call({"prefix": "JX"}, now=datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    after = call({"prefix": "JX"}, now=datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert [number_case(before), number_case(after)] == [{"case_no": "JX-2026-000001"}, {"case_no": "JX-2027-000001"}]


@pytest.mark.parametrize("prefix", [None, "", "jx", "锦绣", "TOO_LONG_FOR_IT", "JX/2026", 7])
def test_other_prefixes_fail_without_using_a_number(call: Calls, prefix: object) -> None:
    bad = call({"prefix": prefix})
    with pytest.raises(ActionFailed, match=r"'prefix', found"):
        number_case(bad)
    assert number_case(call({"prefix": "JX"})) == {"case_no": "JX-2026-000001"}
