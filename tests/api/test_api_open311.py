"""Open311 GeoReport v2: services, their definitions, requests in JSON and XML, and errors in the standard's manner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from server.model import CasePlace, CaseState

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

SENT = {
    "service_code": "public_facility",
    "description": "北门路灯三盏不亮，联系人：张三，13812345678",
    "address_string": "锦程社区北门",
    "lat": "39.9",
    "long": "116.4",
    "attribute[street]": "jinxiu",
    "attribute[community]": "jincheng",
    "first_name": "三",
    "phone": "13912345678",
}


@pytest.fixture
def city(shipped: Installation) -> Installation:
    return shipped


def get(city: Installation, path: str) -> TestResponse:
    return city.app.test_client().get(f"/open311/v2/{path}")


def post(city: Installation, form: str = "json", **changes: object) -> TestResponse:
    return city.app.test_client().post(f"/open311/v2/requests.{form}", data={**SENT, **changes})


def report(city: Installation, **changes: object) -> str:
    answer = post(city, **changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.json[0]["service_request_id"])


def change_case(city: Installation, case_no: str, **changes: Any) -> None:
    with city.context.store.transaction() as tx:
        case = tx.case(case_no)
        assert case is not None
        tx.update_case(replace(case, **changes))


def test_services_are_the_categories(city):
    services = get(city, "services.json").json
    assert {"sanitation", "noise", "public_facility"} <= {one["service_code"] for one in services}
    assert all(one["metadata"] is True and one["type"] == "realtime" for one in services)
    answer = get(city, "services.xml?jurisdiction_id=minghu")
    assert answer.content_type == "text/xml; charset=utf-8"
    tree = etree.fromstring(answer.data)
    assert tree.tag == "services"
    assert [one.findtext("service_code") for one in tree.findall("service")] == [
        one["service_code"] for one in services
    ]
    assert tree.findtext("service/metadata") == "true"


def test_a_service_tells_what_it_needs(city):
    definition = get(city, "services/noise.json").json
    attributes = {one["code"]: one for one in definition["attributes"]}
    assert definition["service_code"] == "noise"
    assert (attributes["street"]["required"], attributes["street"]["datatype"]) == (True, "singlevaluelist")
    assert {"key": "jinxiu", "name": "锦绣街道"} in attributes["street"]["values"]
    assert "matter" not in attributes
    tree = etree.fromstring(get(city, "services/noise.xml").data)
    assert tree.tag == "service_definition"
    assert tree.find("attributes/attribute[code='street']/values/value/key").text == "jinxiu"
    assert get(city, "services/nothing.json").json == [{"code": 404, "description": "there is no service 'nothing'"}]


def test_a_request_is_reported_and_followed(city):
    case_no = report(city)
    (seen,) = get(city, f"requests/{case_no}.json").json
    assert (seen["status"], seen["extended_status"], seen["service_code"]) == ("open", "open", "public_facility")
    assert (seen["requested_datetime"], seen["description"], seen["lat"]) == ("2026-03-01T08:00:00Z", None, 39.9)
    assert get(city, f"tokens/{case_no}.json").json == [{"service_request_id": case_no, "token": case_no}]
    place = CasePlace(latitude=39.908765, longitude=116.404321)
    change_case(city, case_no, state=CaseState.CLOSED_RESOLVED, closed_at=city.clock.now, place=place, reply="已修复")
    tree = etree.fromstring(get(city, f"requests/{case_no}.xml").data)
    assert tree.findtext("request/status") == "closed"
    assert tree.findtext("request/status_notes") == "已修复"
    assert (tree.findtext("request/lat"), tree.findtext("request/long")) == ("39.909", "116.404")
    change_case(city, case_no, category="neighbour")
    assert get(city, f"requests/{case_no}.json").json[0]["lat"] is None


def test_nothing_that_people_wrote_is_told(city):
    case_no = report(city)
    told = get(city, "requests.json").get_data(as_text=True) + get(city, f"requests/{case_no}.xml").get_data(
        as_text=True
    )
    assert not any(word in told for word in ("13812345678", "张三", "路灯三盏"))


def test_requests_are_selected(city):
    first = report(city)
    city.clock.advance(days=10)
    second = report(city, address_string="石桥社区 7 号楼", lat="39.95", long="116.5")
    change_case(city, first, state=CaseState.CLOSED_RESOLVED, closed_at=city.clock.now)

    def listed(query: str) -> list[str]:
        return [one["service_request_id"] for one in get(city, f"requests.json?{query}").json]

    assert listed("") == [second, first]
    assert listed("status=open") == [second]
    assert listed("status=closed") == [first]
    assert listed("status=open,closed&page_size=1&page=2") == [first]
    assert listed("service_code=noise") == []
    assert listed(f"service_request_id={first},x") == [first]
    assert listed("start_date=2026-03-05T00:00:00Z") == [second]
    assert listed("end_date=2026-03-05T00:00:00Z") == [first]
    city.clock.advance(days=85)
    assert listed("") == [second]
    assert [one.tag for one in etree.fromstring(get(city, "requests.xml").data)] == ["request"]


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"service_code": "nothing"}, 404, "service_code"),
        ({"service_code": ""}, 404, "service_code"),
        ({"description": ""}, 400, "/matter"),
        ({"attribute[street]": "elsewhere"}, 400, "/street"),
        ({"address_string": "", "lat": "", "long": "", "description": ""}, 400, "address_string"),
        ({"api_key": "nobody"}, 403, "api_key"),
        ({"lat": "north"}, 400, "lat"),
        ({"long": "200"}, 400, "lat"),
    ],
)
def test_what_cannot_be_reported_is_refused_in_the_manner_of_the_standard(city, changes, status, told):
    answer = post(city, **changes)
    assert answer.status_code == status
    assert all(one["code"] == status for one in answer.json)
    assert any(told in one["description"] for one in answer.json)
    tree = etree.fromstring(post(city, "xml", **changes).data)
    assert tree.tag == "errors"
    assert told in "".join(tree.itertext("description"))


@pytest.mark.parametrize("query", ["status=fixed", "start_date=yesterday", "page=0", "page_size=x"])
def test_what_cannot_be_selected_is_refused(city, query):
    assert get(city, f"requests.json?{query}").json[0]["code"] == 400


def test_what_is_unknown_is_not_found(city):
    for path in ("requests/JX-0.json", "tokens/JX-0.json"):
        assert get(city, path).json[0]["code"] == 404
