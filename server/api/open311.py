"""Open311 GeoReport v2 under `/open311/v2`: what other cities' apps speak, in JSON and XML, with errors in its manner.

Endpoints, parameters and names of members are those of the standard; `extended_status` is an addition that clients
know from others. There is one jurisdiction, so `jurisdiction_id` may be anything.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from lxml import etree

from server.api.authentication import current_context
from server.api.fields import parse_moment
from server.api.responses import dump_json
from server.api.stages import STAGES
from server.api.user_tasks import find_locale
from server.errors import Forbidden, InvalidArgument, MusterError, NotFound, TooManyRequests, Unauthenticated
from server.service import open311, public_reports, sign_ins
from server.service.open311 import Selection
from server.service.public_reports import Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.datastructures import MultiDict

    from server.service.open311 import Attribute, PublicCase

blueprint = Blueprint("open311", __name__, url_prefix="/open311/v2")
LONGEST_SPAN = timedelta(days=90)
MOST_SHOWN = 100
LARGEST_BODY = 256 * 1024
PRIVATE = ("first_name", "last_name", "email", "phone", "device_id", "account_id")
"""Parameters of the standard that name the reporter: they go to the vault."""
MINE = frozenset({"lat", "long", "address_string", "description"})
FORMATS = {"json": "application/json", "xml": "text/xml"}
FORMAT = "<any(json,xml):form>"
_ITEMS = {"services": "service", "service_requests": "request", "attributes": "attribute", "values": "value"}


@blueprint.get(f"/services.{FORMAT}")
def list_services(form: str) -> Response:
    """List what can be reported."""
    services = [
        {
            "service_code": one.code,
            "service_name": one.name,
            "description": one.name,
            "metadata": True,
            "type": "realtime",
            "keywords": "",
            "group": "",
        }
        for one in open311.list_services(current_context())
    ]
    return _render("services", services, form)


@blueprint.get(f"/services/<string:code>.{FORMAT}")
def get_service(code: str, form: str) -> Response:
    """Tell what a report of a service needs."""
    found = open311.list_attributes(current_context(), code)
    attributes = [_describe(order, one) for order, one in enumerate(found, 1)]
    return _render("service_definition", {"service_code": code, "attributes": attributes}, form)


@blueprint.get(f"/requests.{FORMAT}")
def list_requests(form: str) -> Response:
    """List requests, the latest first; without dates those of the last 90 days."""
    found = open311.find_requests(current_context(), _read_selection(request.args))
    return _render("service_requests", [_show(one) for one in found], form)


@blueprint.get(f"/requests/<string:case_no>.{FORMAT}")
def get_request(case_no: str, form: str) -> Response:
    """Tell where a request stands."""
    return _render("service_requests", [_show(open311.get_request(current_context(), case_no))], form)


@blueprint.get(f"/tokens/<string:token>.{FORMAT}")
def get_token(token: str, form: str) -> Response:
    """Return the request of a token: requests have their number at once, and it is their token, too."""
    found = open311.get_request(current_context(), token)
    answer = [{"service_request_id": found.case.case_no, "token": token}]
    return _render("service_requests", answer, form)


@blueprint.post(f"/requests.{FORMAT}")
def create_request(form: str) -> Response:
    """Report a matter. The notice of the answer tells the secret by which it is followed."""
    request.max_content_length = LARGEST_BODY
    _check_key(request.form)
    report = Report(
        _read_fields(request.form),
        channel="api",
        address=request.remote_addr or "",
        locale=find_locale(),
        point=_read_point(request.form),
        reporter={name: request.form[name] for name in PRIVATE if request.form.get(name)},
    )
    receipt = public_reports.receive_report(current_context(), report)
    notice = f"案号 {receipt.case_no}，查询码 {receipt.secret}，请妥善保存。"
    answer = [{"service_request_id": receipt.case_no, "service_notice": notice, "account_id": ""}]
    return _render("service_requests", answer, form, 201)


@blueprint.errorhandler(MusterError)
def render_error(error: MusterError) -> Response:
    """Answer an error in the manner of the standard: a list of codes and descriptions."""
    status = 400 if error.status == 422 else error.status
    told = [f"{one.pointer}: {one.message}" for one in error.problems] or [error.message]
    errors = [{"code": status, "description": one} for one in told]
    form = str((request.view_args or {}).get("form", "json"))
    response = _render("errors", errors, form, status, item="error")
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _check_key(sent: MultiDict[str, str]) -> None:
    """Refuse a key that is nobody's; none is needed. Raises `Forbidden`, as the standard says."""
    key = sent.get("api_key")
    if key:
        try:
            sign_ins.authenticate_bearer(current_context(), key)
        except Unauthenticated as error:
            raise Forbidden("api_key: expected a token of this server, or none") from error


def _read_fields(sent: MultiDict[str, str]) -> dict[str, object]:
    """Return the fields of the form `issue_report` that a request fills in."""
    code = sent.get("service_code", "")
    if code not in {one.code for one in open311.list_services(current_context())}:
        raise NotFound(f"service_code: there is no service {code!r:.60}")
    if not MINE & {name for name, value in sent.items() if value}:
        raise InvalidArgument("expected lat and long, or address_string, and a description; found none of them")
    place = sent.get("address_string") or ", ".join(filter(None, (sent.get("lat"), sent.get("long"))))
    found: dict[str, object] = {"matter": sent.get("description", ""), "category": code, "place": place}
    found |= {"contact_pref": "none", "privacy_notice_ack": True}
    for attribute in open311.list_attributes(current_context(), code):
        values = sent.getlist(f"attribute[{attribute.code}]") or sent.getlist(f"attribute[{attribute.code}][]")
        if values:
            found[attribute.code] = values if attribute.datatype == "multivaluelist" else values[0]
    return found


def _read_point(sent: MultiDict[str, str]) -> tuple[float, float] | None:
    latitude, longitude = sent.get("lat"), sent.get("long")
    if not latitude and not longitude:
        return None
    try:
        point = float(latitude or ""), float(longitude or "")
    except ValueError as error:
        raise InvalidArgument("lat, long: expected two numbers of degrees") from error
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise InvalidArgument("lat, long: expected degrees from -90 to 90 and from -180 to 180")
    return point


def _read_selection(asked: MultiDict[str, str]) -> Selection:
    case_nos = _split(asked.get("service_request_id"))
    start, end = _read_time(asked, "start_date"), _read_time(asked, "end_date")
    if not case_nos:
        end = end or current_context().now()
        start = max(start, end - LONGEST_SPAN) if start else end - LONGEST_SPAN
    states = set(_split(asked.get("status"))) or {"open", "closed"}
    if not states <= {"open", "closed"}:
        raise InvalidArgument(f"status: expected open, closed or both, found {asked['status']!r:.60}")
    size = _read_number(asked, "page_size", MOST_SHOWN, MOST_SHOWN)
    return Selection(
        case_nos=case_nos,
        service_codes=_split(asked.get("service_code")),
        start=None if case_nos else start,
        end=None if case_nos else end,
        open="open" in states,
        closed="closed" in states,
        offset=(_read_number(asked, "page", 1, 10_000) - 1) * size,
        limit=size,
    )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())[:MOST_SHOWN]


def _read_time(asked: MultiDict[str, str], name: str) -> datetime | None:
    text = asked.get(name)
    if not text:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise InvalidArgument(f"{name}: expected a time such as 2026-03-01T09:30:00Z, found {text!r:.60}")
    return moment


def _read_number(asked: MultiDict[str, str], name: str, default: int, most: int) -> int:
    text = asked.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1):
        raise InvalidArgument(f"{name}: expected a whole number from 1 to {most}, found {text!r:.60}")
    return min(int(text), most)


def _describe(order: int, one: Attribute) -> dict[str, object]:
    described: dict[str, object] = {
        "variable": True,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.required,
        "datatype_description": "",
        "order": order,
        "description": one.name,
    }
    if one.values:
        described["values"] = [{"key": key, "name": name} for key, name in one.values]
    return described


def _show(one: PublicCase) -> dict[str, object]:
    case = one.case
    latitude, longitude = one.point or (None, None)
    return {
        "service_request_id": case.case_no,
        "status": "closed" if case.state.is_final else "open",
        "extended_status": case.state.value,
        "status_notes": case.reply,
        "service_name": one.service_name,
        "service_code": case.category,
        "description": None,
        "agency_responsible": one.agency,
        "service_notice": STAGES[case.state],
        "requested_datetime": _write_time(case.received_at),
        "updated_datetime": _write_time(case.closed_at or case.received_at),
        "expected_datetime": _write_time(one.expected_at),
        "address": one.area,
        "address_id": None,
        "zipcode": None,
        "lat": latitude,
        "long": longitude,
        "media_url": None,
    }


def _write_time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _render(
    name: str,
    content: Sequence[Mapping[str, object]] | Mapping[str, object],
    form: str,
    status: int = 200,
    item: str | None = None,
) -> Response:
    body = dump_json(content) if form == "json" else _write_xml(name, content, item)
    response = Response(body, status=status, content_type=f"{FORMATS[form]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _write_xml(name: str, content: object, item: str | None) -> bytes:
    root = etree.Element(name)
    _append(root, content, _ITEMS.get(name, name) if item is None else item)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _append(parent: etree._Element, content: object, item: str) -> None:
    """Write what JSON says below an element; items of a list get the singular of its name."""
    if isinstance(content, dict):
        for name, value in ((str(name), value) for name, value in content.items()):
            _append(etree.SubElement(parent, name), value, _ITEMS.get(name, name))
    elif isinstance(content, list):
        for value in content:
            _append(etree.SubElement(parent, item), value, item)
    elif isinstance(content, bool):
        parent.text = str(content).lower()
    elif content is not None:
        parent.text = "".join(character for character in str(content) if character >= " " or character in "\t\n")
