"""Actions on the case itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.actions.inputs import read_text
from server.actions.registry import ActionFailed, action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,11}")


@action("case.number")
def number_case(call: ActionCall) -> Mapping[str, object]:
    """Give the case its number, such as JX-2026-000001.

    Input `prefix` (1 to 12 capital letters and digits, one prefix a street); output `case_no`. Numbers of a prefix and
    year have no gaps: a step that is rolled back gives its number back.

    :raises ActionFailed: when the prefix is missing or of another form
    """
    prefix = read_text(call.variables, "prefix")
    if not PREFIX.fullmatch(prefix):
        raise ActionFailed(f"expected 1 to 12 capital letters and digits in 'prefix', found {prefix!r}")
    year = call.now.astimezone(call.zone).year
    number = call.tx.next_number(f"case_no/{prefix}/{year}")
    return {"case_no": f"{prefix}-{year}-{number:06d}"}
