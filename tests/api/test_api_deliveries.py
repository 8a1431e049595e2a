"""What leaves the house, to a real mail server and a real HTTP receiver."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem, find_task, start

from server.connectors import NotSent
from server.connectors.webhook import WebhookConnector
from server.courier import Courier
from server.model import Outgoing
from tests.receivers import open_mailbox, open_receiver
from tests.unit.engine.diagrams import diagram, flows, job, mappings, process, user
from tests.unit.engine.diagrams import start as start_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

    from api_callers import Installation

    from tests.receivers import Mailbox, Receiver

LOOPBACK = (ip_network("127.0.0.0/8"),)
ASSIGNMENT = '<zeebe:assignmentDefinition candidateGroups="desk@north" />'
ERRAND = diagram(process("errand", start_event(), user("do", ASSIGNMENT), flows("start -> do")))
CALLING = diagram(
    process("calling", start_event(), job("call", "notify.webhook", mappings({"webhook": '="oa"'})), user("after"),
            flows("start -> call -> after"))
)  # fmt: skip
MAILING = diagram(
    process("mailing", start_event(), job("mail", "notify.mail", mappings({"person": '="wu"'})), user("after"),
            flows("start -> mail -> after"))
)  # fmt: skip


class Free:
    """A lease that nobody takes away."""

    def renew(self) -> None:
        pass

    def hand_over(self) -> None:
        pass


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


@pytest.fixture
def town(install: Callable[..., Installation], database_url: str, mailbox: Mailbox) -> Installation:
    muster = install(
        database_url, mail_server=mailbox.server, webhook_networks=LOOPBACK, public_url="https://muster.example"
    )
    for name in ("lin", "wu"):
        path = f"/api/users/{name}/notification-preferences"
        muster.admin.send("PUT", path, json={"email": f"{name}@district.example", "language": "en"})
    return muster


def hook(muster: Installation, url: str, *events: str) -> bytes:
    made = muster.admin.post("/api/webhooks", {"name": "oa", "url": url, "events": list(events)}).get_json()
    return base64.b64decode(made["secret"].removeprefix("whsec_"))


def deliveries(muster: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = muster.admin.post("/api/deliveries/search", {}).get_json()["items"]
    return found


def incidents(muster: Installation) -> list[dict[str, Any]]:
    query = {"filter": {"state": "ACTIVE"}}
    found: list[dict[str, Any]] = muster.admin.post("/v2/incidents/search", query).get_json()["items"]
    return found


def outgoing(url: str) -> Outgoing:
    return Outgoing(7, url, {"type": "MESSAGE"}, START, START, b"secret")


def test_a_mail_says_what_is_to_do_and_nothing_of_what_was_entered(town: Installation, mailbox: Mailbox) -> None:
    town.admin.deploy_diagrams(ERRAND)
    start(town.admin, "errand", {"case_no": "JX-2026-000007", "resident": "王大妈 13800138000"})
    key = find_task(town.person("lin"))["userTaskKey"]
    courier = Courier(town.context)
    courier.run_due()
    courier.run_due()
    (mail,) = mailbox.mails
    assert (mail["To"], mail["From"]) == ("lin@district.example", "muster@district.example")
    assert mail["Subject"] == "New task: DO"
    assert mail["Message-ID"].endswith("@muster.example>")
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    text = plain.get_content()
    assert f"https://muster.example/tasks/{key}" in text
    assert "Case: JX-2026-000007" in text
    assert all("138" not in part and "王" not in part for part in (text, html.get_content()))
    assert [one["state"] for one in deliveries(town)] == ["SENT"]


def test_a_mail_that_is_refused_for_now_is_tried_again_later(town: Installation, mailbox: Mailbox) -> None:
    mailbox.refusals = ["451 try later"] * 2
    town.admin.deploy_diagrams(ERRAND)
    start(town.admin, "errand")
    courier = Courier(town.context)
    courier.run_due()
    (waiting,) = deliveries(town)
    assert (waiting["state"], waiting["attempts"], waiting["dueDate"]) == ("WAITING", 1, "2026-03-01T08:00:30.000Z")
    assert "451" in waiting["problem"]
    for seconds in (30, 60):
        assert mailbox.mails == []
        town.clock.advance(seconds=seconds)
        courier.run_due()
    assert len(mailbox.mails) == 1


def test_a_mail_that_is_refused_for_good_is_dead_until_an_administrator_says_so(
    town: Installation, mailbox: Mailbox
) -> None:
    mailbox.refusals = ["550 no such person"]
    town.admin.deploy_diagrams(ERRAND)
    start(town.admin, "errand")
    courier = Courier(town.context)
    courier.run_due()
    (dead,) = deliveries(town)
    assert (dead["state"], dead["dueDate"]) == ("DEAD", None)
    assert town.admin.post(f"/api/deliveries/{dead['deliveryKey']}/retry", {}).status_code == 204
    courier.run_due()
    assert len(mailbox.mails) == 1
    check_problem(town.admin.post(f"/api/deliveries/{dead['deliveryKey']}/retry", {}), 409, "INVALID_STATE")


def test_a_line_that_breaks_at_the_last_moment_leaves_the_mail_uncertain_and_sends_it_once(
    town: Installation, mailbox: Mailbox
) -> None:
    town.admin.deploy_diagrams(ERRAND)
    start(town.admin, "errand")
    courier = Courier(town.context)
    mailbox.hang_up = True
    courier.run_due()
    (uncertain,) = deliveries(town)
    assert uncertain["state"] == "UNCERTAIN"
    mailbox.hang_up = False
    town.clock.advance(days=1)
    courier.run_due()
    assert len(mailbox.mails) == 1


def test_a_webhook_is_called_signed_and_with_the_same_id_at_every_try(town: Installation, receiver: Receiver) -> None:
    secret = hook(town, receiver.url, "TASK_CREATED")
    receiver.answers = [500, 302]
    town.admin.deploy_diagrams(ERRAND)
    key = start(town.admin, "errand", {"case_no": "JX-2026-000007", "resident": "王大妈"})
    courier = Courier(town.context)
    for seconds in (0, 30, 60, 600):
        town.clock.advance(seconds=seconds)
        courier.run_due()
    assert len(receiver.calls) == 3
    assert {call.path for call in receiver.calls} == {"/hook?from=muster"}, "redirects are not followed"
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len({call.headers["webhook-timestamp"] for call in receiver.calls}) == 3
    for call in receiver.calls:
        moment, name = call.headers["webhook-timestamp"], call.headers["webhook-id"]
        signed = f"{name}.{moment}.".encode() + call.raw
        expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert call.headers["webhook-signature"] == f"v1,{expected}"
        assert call.body["id"] == name
        assert call.body["processInstanceKey"] == key
        assert call.body["caseNumber"] == "JX-2026-000007"
        assert "王" not in call.raw.decode()


def test_a_process_waits_for_its_webhook_and_goes_on(town: Installation, receiver: Receiver) -> None:
    hook(town, receiver.url)
    town.admin.deploy_diagrams(CALLING)
    start(town.admin, "calling")
    assert town.admin.post("/v2/user-tasks/search", {}).get_json()["items"] == []
    Courier(town.context).run_due()
    assert len(receiver.calls) == 1
    assert receiver.calls[0].body["elementId"] == "call"
    assert find_task(town.admin)["elementId"] == "after"


def test_a_webhook_that_stays_silent_is_an_incident_and_is_called_anew_when_that_is_resolved(
    town: Installation, receiver: Receiver
) -> None:
    receiver.answers = [500] * 12
    hook(town, receiver.url)
    town.admin.deploy_diagrams(CALLING)
    start(town.admin, "calling")
    courier = Courier(town.context)
    for _ in range(13):
        assert incidents(town) == []
        courier.run_due()
        town.clock.advance(hours=4)
        if len(receiver.calls) == 12:
            break
    courier.run_due()
    assert len(receiver.calls) == 12
    (incident,) = incidents(town)
    assert (incident["elementId"], incident["errorType"]) == ("call", "JOB_NO_RETRIES")
    assert "500" in incident["errorMessage"]
    (dead,) = deliveries(town)
    check_problem(town.admin.post(f"/api/deliveries/{dead['deliveryKey']}/retry", {}), 409, "INVALID_STATE")
    assert town.admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    courier.run_due()
    assert len(receiver.calls) == 13
    assert incidents(town) == []
    assert find_task(town.admin)["elementId"] == "after"


def test_a_process_waits_for_its_mail(town: Installation, mailbox: Mailbox) -> None:
    town.admin.deploy_diagrams(MAILING)
    start(town.admin, "mailing")
    Courier(town.context).run_due()
    assert [mail["To"] for mail in mailbox.mails] == ["wu@district.example"]
    assert find_task(town.admin)["elementId"] == "after"


def test_nothing_is_sent_for_a_process_that_was_cancelled(town: Installation, receiver: Receiver) -> None:
    hook(town, receiver.url)
    town.admin.deploy_diagrams(CALLING)
    key = start(town.admin, "calling")
    assert town.admin.post(f"/v2/process-instances/{key}/cancellation").status_code == 204
    Courier(town.context).run_due()
    assert receiver.calls == []
    assert [one["state"] for one in deliveries(town)] == ["CANCELED"]


def test_a_suspended_process_goes_on_when_it_is_resumed(town: Installation, receiver: Receiver) -> None:
    hook(town, receiver.url)
    town.admin.deploy_diagrams(CALLING)
    key = start(town.admin, "calling")
    assert town.admin.post(f"/v2/process-instances/{key}/suspension").status_code == 204
    courier = Courier(town.context)
    courier.run_due()
    assert len(receiver.calls) == 1
    assert town.admin.post("/v2/user-tasks/search", {}).get_json()["items"] == []
    assert town.admin.post(f"/v2/process-instances/{key}/resumption").status_code == 204
    town.clock.advance(minutes=2)
    courier.run_due()
    assert len(receiver.calls) == 1
    assert find_task(town.admin)["elementId"] == "after"


INNER = (
    "http://127.0.0.1/", "http://localhost/", "https://127.0.0.1:1/", "https://10.1.2.3/", "https://192.168.0.1/",
    "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1]/", "https://[fc00::1]/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[ff02::1]/", "https://224.0.0.1/",
    "https://100.64.0.1/", "https://255.255.255.255/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
)  # fmt: skip


@pytest.mark.parametrize("url", INNER)
def test_inner_addresses_are_never_called(url: str) -> None:
    with pytest.raises(NotSent, match=r"not public|https|cannot be resolved"):
        WebhookConnector(()).send(outgoing(url), Free())


def test_the_address_that_was_judged_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: Any, **options: Any) -> list[Any]:
        if host != "moving.example":
            return real(host, port, *rest, **options)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("server.connectors.webhook.addresses.socket.getaddrinfo", resolve)
    WebhookConnector(LOOPBACK).send(outgoing(f"http://moving.example:{receiver.port}/x"), Free())
    assert asked == ["moving.example"]
    assert receiver.calls[0].headers["host"] == f"moving.example:{receiver.port}"


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr("server.connectors.webhook.addresses.socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotSent, match="not public"):
        WebhookConnector(()).send(outgoing("https://two.example/"), Free())


def test_a_receiver_that_answers_a_byte_at_a_time_is_cut_off(receiver: Receiver) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.connection.settimeout(5)
            while True:
                handler.connection.sendall(b"H")
                if handler.connection.recv(1) == b"":  # the caller never sends more: this waits until it hangs up
                    return
        except OSError:
            return

    receiver.respond = drip
    with pytest.raises(NotSent, match="no answer within"):
        WebhookConnector(LOOPBACK, timeout=0.3).send(outgoing(receiver.url), Free())


def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    receiver.respond = pour
    WebhookConnector(LOOPBACK).send(outgoing(receiver.url), Free())
    assert len(receiver.calls) == 1
