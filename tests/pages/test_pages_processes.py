"""The page of a process: how long its steps take, for those who may see every instance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from api.api_callers import find_task, start

from server.access import SYSTEM
from server.service import identity
from tests.unit.engine.diagrams import diagram, end, flows, process, user
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.api_callers import Installation
    from flask.testing import FlaskClient


def test_times_stand_in_a_table_and_on_the_diagram(muster: Installation, sign_in: Callable[..., FlaskClient]) -> None:
    identity.add_user(muster.context, SYSTEM, "admin", None, admin=True)
    muster.admin.deploy_diagrams(
        diagram(process("errand", begin(), user("check"), end(), flows("start -> check -> end")))
    )
    for hours in (1, 2, 9):
        start(muster.admin, "errand")
        muster.clock.advance(hours=hours)
        task = find_task(muster.admin, state="CREATED")["userTaskKey"]
        assert muster.admin.post(f"/v2/user-tasks/{task}/completion", {}).status_code == 204
    browser = sign_in("ada", admin=True)
    page = browser.get("/processes/errand?heat=time", headers={"Accept-Language": "en"}).get_data(as_text=True)
    row = re.findall(r"<td>([^<]*)</td>", page[page.index('element=check">CHECK</a>') :])
    assert row[:3] == ["2 hours", "4 hours", "3"]
    assert "heat-4" in page
    counts = browser.get("/processes/errand", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Here now" in counts
    stranger = sign_in("lin").get("/processes/errand?heat=time", headers={"Accept-Language": "en"})
    assert "How long steps take" not in stranger.get_data(as_text=True)
