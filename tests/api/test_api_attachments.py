"""Attachments: judged by their content, cleaned, kept, bound by a submission, given out to those who see the case."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, find_task
from file_examples import (
    GPS,
    ORIENTATION,
    OWNER,
    box,
    make_archive,
    make_docx,
    make_film,
    make_image,
    make_noted_image,
    upload,
    upload_key,
)
from PIL import Image, ImageCms

from server.access import SYSTEM
from server.errors import Conflict
from server.service import attachments, images, sign_ins
from server.service.attachments import Quota, Upload
from server.service.file_references import bind_files
from server.store import attachment_files
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Caller, Installation

FILES = ("petition.bpmn", "petition_report.form", "petition_desk.form")
REPORT = {"matter": "noise", "reporter": {"name": "Zhang"}}


@pytest.fixture
def city(muster: Installation) -> Installation:
    assert muster.admin.deploy(*FILES).status_code == 200
    return muster


def start(caller: Caller, **more: object) -> Any:
    return caller.post("/v2/process-instances", {"processDefinitionId": "petition", "variables": {**REPORT, **more}})


def folder_of(muster: Installation) -> Any:
    return muster.context.config.data_dir / "attachments"


def stored(muster: Installation) -> list[str]:
    return sorted(path.name for path in folder_of(muster).rglob("*") if path.is_file())


def read_variables(muster: Installation, key: str) -> dict[str, str]:
    found = muster.admin.post("/v2/variables/search", {"filter": {"processInstanceKey": key}}).get_json()["items"]
    return {one["name"]: one["value"] for one in found}


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_images_lose_what_cameras_note_and_stand_upright(quick: Installation, format_: str) -> None:
    sent = make_noted_image(format_, orientation=6)  # turned by a quarter
    assert OWNER.encode() in sent
    answer = upload(quick.person("lin"), sent, f"x.{format_.lower()}").get_json()
    kept = quick.person("lin").get(f"/api/attachments/{answer['attachmentKey']}").data
    assert hashlib.sha256(kept).hexdigest() == answer["sha256"]
    assert len(kept) == answer["size"]
    assert OWNER.encode() not in kept
    assert b"Telephone" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.format == format_
        assert image.size == (20, 40)
        assert not image.getexif().get_ifd(GPS)
        assert ORIENTATION not in image.getexif()
        top, bottom = image.convert("RGB").getpixel((10, 5)), image.convert("RGB").getpixel((10, 35))
    assert (top[0] > 200, top[2] < 60) == (True, True), "red has come to the top"
    assert (bottom[2] > 200, bottom[0] < 60) == (True, True)


def test_what_is_hidden_behind_an_image_is_left_behind(quick: Installation) -> None:
    key = upload_key(quick.person("lin"), make_image() + b"<script>alert(1)</script>")
    assert b"script" not in quick.person("lin").get(f"/api/attachments/{key}").data


def test_films_lose_what_phones_note(quick: Installation) -> None:
    sent = make_film()
    key = upload_key(quick.person("lin"), sent, "film.mp4")
    kept = quick.person("lin").get(f"/api/attachments/{key}").data
    assert len(kept) == len(sent)
    assert OWNER.encode() not in kept
    assert b"+39.9" not in kept
    assert b"mdhd" not in kept
    assert kept.endswith(box(b"mdat", b"frames"))
    assert b"pictures" in kept


TAKEN = {
    "photo.jpg": (make_image(), "image/jpeg"),
    "photo.JPEG": (make_image(), "image/jpeg"),
    "no ending": (make_image("PNG"), "image/png"),
    "plan.pdf": (b"%PDF-1.7\n%%EOF", "application/pdf"),
    "note.txt": ("河道水质\n".encode(), "text/plain"),
    "old.txt": ("河道水质".encode("gb18030"), "text/plain"),
    "table.csv": (b"a,b\n1,2\n", "text/csv"),
    "letter.docx": (make_docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "letter.odt": (
        make_archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<x/>"}),
        "application/vnd.oasis.opendocument.text",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_a_file_is_is_found_in_its_content(quick: Installation, name: str) -> None:
    content, media_type = TAKEN[name]
    answer = upload(quick.person("lin"), content, name, "application/octet-stream")
    assert (answer.status_code, answer.get_json()["mediaType"]) == (201, media_type)


REFUSED = {
    "markup": (b"<html><script>alert(1)</script>", "page.html"),
    "markup as text": (b"  <svg onload='alert(1)'/>", "note.txt"),
    "text as image": (b"just text", "photo.jpg"),
    "an image as pdf": (make_image(), "plan.pdf"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(50), "photo.jpg"),
    "a program without a name": (b"MZ\x90\x00" + bytes(50), ""),
    "a script as text with an ending of its own": (b"echo 1", "run.sh"),
    "half an image": (make_image()[:300], "photo.jpg"),
    "the head of an image": (b"\xff\xd8\xff", "photo.jpg"),
    "an archive": (make_archive(**{"a.txt": "x"}), "a.zip"),
    "a broken archive": (b"PK\x03\x04" + bytes(40), "a.docx"),
    "a document with macros": (make_docx(**{"word/vbaProject.bin": "x"}), "letter.docx"),
    "an open document of another kind": (make_archive(mimetype="application/x-virus"), "a.odt"),
    "an image of Apple": (box(b"ftyp", b"heic\0\0\0\0"), "photo.heic"),
    "a film whose parts do not fit": (make_film()[:-3], "film.mp4"),
    "a film with an endless part": (box(b"ftyp", b"isom\0\0\0\0") + b"\0\0\0\1moov" + bytes(8), "film.mp4"),
    "text with NUL": (b"a\0b", "note.txt"),
    "text in no encoding": (b"\xff\xfe\xfa\xff\xff", "note.txt"),
    "blanks": (b"  \n", "note.txt"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_lies_or_is_none_of_the_list_is_refused(quick: Installation, case: str) -> None:
    content, name = REFUSED[case]
    answer = upload(quick.person("lin"), content, name)
    problem = check_problem(answer, 422, "INVALID_ARGUMENT")
    assert problem["errors"][0]["pointer"] == "/file"
    assert stored(quick) == []


def test_a_declared_type_that_is_another_is_a_lie(quick: Installation) -> None:
    lin = quick.person("lin")
    check_problem(upload(lin, make_image(), "photo", "application/pdf"), 422)
    check_problem(upload(lin, make_image(), "photo.jpg", "text/html"), 422)
    assert upload(lin, make_image(), "photo.jpg", "image/jpg; x=y").status_code == 201


def test_refusals_are_in_the_language_of_the_reader(quick: Installation) -> None:
    lin = quick.person("lin")
    part = {"file": (io.BytesIO(b"<html>"), "x.html")}
    options = {"data": part, "content_type": "multipart/form-data", "headers": {"Accept-Language": "en"}}
    assert "is not taken" in check_problem(lin.send("POST", "/api/attachments", **options), 422)["detail"]
    assert "不接受" in check_problem(upload(lin, b"<html>", "x.html"), 422)["detail"]


def test_images_with_too_many_pixels_are_refused_before_they_are_unpacked(
    quick: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 40 * 20)
    lin = quick.person("lin")
    assert upload(lin, make_image("PNG")).status_code == 422, "a PNG is no .jpg"
    assert upload(lin, make_image("PNG"), "x.png").status_code == 201
    check_problem(upload(lin, make_image("PNG", (41, 20)), "x.png"), 422)
    # a head that promises more than is there
    bomb = bytearray(make_image("PNG", (40, 20)))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    check_problem(upload(lin, bytes(bomb), "x.png"), 422)


def test_pillows_own_limit_is_an_answer_too(quick: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    problem = check_problem(upload(quick.person("lin"), make_image()), 422)
    assert "像素" in problem["detail"]


def test_colours_are_kept(quick: Installation) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lin = quick.person("lin")
    for format_ in ("JPEG", "PNG", "WEBP"):
        key = upload_key(lin, make_image(format_, icc_profile=profile), f"x.{format_.lower()}")
        with Image.open(io.BytesIO(lin.get(f"/api/attachments/{key}").data)) as image:
            assert image.info["icc_profile"] == profile


def test_transparency_and_palettes_survive(quick: Installation) -> None:
    lin = quick.person("lin")
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    for image, options in ((Image.new("RGBA", (4, 4), (255, 0, 0, 0)), {}), (palette, {"transparency": 0})):
        written = io.BytesIO()
        image.save(written, "PNG", **options)
        key = upload_key(lin, written.getvalue(), "x.png")
        with Image.open(io.BytesIO(lin.get(f"/api/attachments/{key}").data)) as kept:
            assert kept.convert("RGBA").getpixel((1, 1))[3] == 0


def test_moving_images_are_refused(quick: Installation) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for format_ in ("WEBP", "PNG"):
        written = io.BytesIO()
        frames[0].save(written, format_, save_all=True, append_images=frames[1:], duration=50)
        check_problem(upload(quick.person("lin"), written.getvalue(), f"x.{format_.lower()}"), 422)


def test_large_empty_and_strange_requests(quick: Installation) -> None:
    lin = quick.person("lin")
    check_problem(upload(lin, b"%PDF-" + bytes(20_000_000), "big.pdf"), 413)
    check_problem(upload(lin, b"%PDF-" + bytes(21 * 1024 * 1024), "bigger.pdf"), 413)
    check_problem(upload(lin, b"", "empty.txt"), 400)
    check_problem(lin.post("/api/attachments", {"file": "x"}), 415)
    for data in ({}, {"file": "text"}, {"other": (io.BytesIO(b"x"), "x.txt")}):
        check_problem(lin.send("POST", "/api/attachments", data=data, content_type="multipart/form-data"), 400)
    two = {"file": [(io.BytesIO(b"x"), "a.txt"), (io.BytesIO(b"y"), "b.txt")]}
    check_problem(lin.send("POST", "/api/attachments", data=two, content_type="multipart/form-data"), 400)
    assert stored(quick) == []


def test_names_lose_what_could_deceive(quick: Installation) -> None:
    names = {
        "../../etc/passwd.jpg": "passwd.jpg",
        "C:\\Users\\me\\photo.jpg": "photo.jpg",
        "exe\u202egpj.jpg": "exegpj.jpg",
        "照片 1.jpg": "照片 1.jpg",
        "x" * 300 + ".jpg": "x" * 100 + ".jpg",
        ".jpg": "jpg.jpg",
        "": "file.jpg",
    }
    for sent, kept in names.items():
        upload_ = Upload(sent, "", make_image())
        assert attachments.keep_upload(quick.context, "user:lin", upload_, "en").name == kept


def test_files_lie_outside_the_reach_of_others_under_random_names(quick: Installation) -> None:
    upload_key(quick.person("lin"))
    (name,) = stored(quick)
    assert len(name) == 32
    path = folder_of(quick) / name[:2] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder_of(quick).stat().st_mode) & 0o077 == 0


def test_a_download_is_never_shown_inside_a_page(quick: Installation) -> None:
    lin = quick.person("lin")
    key = upload_key(lin, "说明".encode(), "说明.txt")
    answer = lin.get(f"/api/attachments/{key}")
    assert answer.data.decode() == "说明"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "%E8%AF%B4%E6%98%8E.txt" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_upload_is_its_senders_until_it_is_used_and_the_cases_then(city: Installation) -> None:
    lin, he, wu = city.person("lin"), city.person("he"), city.person("wu")
    key = upload_key(lin)
    path = f"/api/attachments/{key}"
    assert lin.get(path).status_code == 200
    for other in (he, wu, city.admin, city.client("reading", read=True)):
        check_problem(other.get(path), 404)
    check_problem(city.nobody.get(path), 401)
    started = start(lin, photos=[key])
    assert started.status_code == 200, started.get_json()
    for reader in (lin, he, city.admin, city.client("reading2", read=True)):
        assert reader.get(path).status_code == 200
    check_problem(wu.get(path), 404)
    check_problem(lin.get("/api/attachments/999999"), 404)
    variables = read_variables(city, started.get_json()["processInstanceKey"])
    assert variables["photos"] == f'["{key}"]'


def test_files_are_called_by_their_names_for_those_who_may_download_them(city: Installation) -> None:
    lin, *_ = (city.person(name) for name in ("lin", "he", "wu"))
    first, second = upload_key(lin, name="一.jpg"), upload_key(lin, name="二.jpg")
    actors = {name: sign_ins.authenticate_bearer(city.context, city.tokens[name]) for name in ("lin", "he", "wu")}
    keys = [int(first), int(second), 999]

    def name_all(name: str) -> dict[int, str]:
        return attachments.name_attachments(city.context, actors[name], keys)

    both = {int(first): "一.jpg", int(second): "二.jpg"}
    assert (name_all("lin"), name_all("he")) == (both, {})
    assert attachments.name_attachments(city.context, actors["he"], ()) == {}
    started = start(lin, photos=[first, second]).get_json()
    assert (name_all("he"), name_all("wu")) == (both, {})
    root = int(started["processInstanceKey"])
    listed = {name: attachments.list_attachments(city.context, actor, root) for name, actor in actors.items()}
    assert {name: [one.name for one in files] for name, files in listed.items()} == {
        "lin": ["一.jpg", "二.jpg"],
        "he": ["一.jpg", "二.jpg"],
        "wu": [],
    }


def test_foreign_unknown_used_and_late_files_are_refused_with_a_pointer(city: Installation) -> None:
    lin, he = city.person("lin"), city.person("he")
    foreign, used, late = upload_key(he), upload_key(lin), upload_key(lin)
    assert start(lin, photos=[used]).status_code == 200
    wrong = [foreign, "123456789", "../../etc/passwd", "9" * 30, used, {"documentId": foreign}]
    problem = check_problem(start(lin, photos=[*wrong[:4], used, wrong[5]]), 422)
    assert [error["pointer"] for error in problem["errors"]] == [f"/photos/{index}" for index in range(6)]
    assert len({error["message"] for error in problem["errors"]}) == 1, "whether it exists is not told"
    city.clock.advance(days=1)
    assert check_problem(start(lin, photos=[late]), 422)["errors"][0]["pointer"] == "/photos/0"
    in_a_row = check_problem(start(lin, witnesses=[{"note": "x"}, {"letter": foreign}]), 422)
    assert [error["pointer"] for error in in_a_row["errors"]] == ["/witnesses/1/letter"]


def test_a_field_takes_at_most_nine_and_what_it_accepts(city: Installation) -> None:
    lin = city.person("lin")
    keys = [upload_key(lin, f"{n}".encode(), f"{n}.txt") for n in range(10)]
    problem = check_problem(start(lin, photos=keys), 422)
    assert problem["errors"][0] == {"pointer": "/photos", "message": "文件过多：最多 9 个。"}
    problem = check_problem(start(lin, photos=keys[:1]), 422)
    assert problem["errors"][0]["pointer"] == "/photos/0"
    assert "image/*,.pdf" in problem["errors"][0]["message"]
    assert (
        start(lin, photos=[upload_key(lin, b"%PDF-1.4", "a.pdf")], witnesses=[{"letter": keys[0]}]).status_code == 200
    )


def test_a_completion_binds_files_and_leaves_those_that_are_there(city: Installation) -> None:
    lin, he = city.person("lin"), city.person("he")
    first, second = upload_key(lin), upload_key(he, b"text", "note.txt")
    instance = start(lin, photos=[first]).get_json()["processInstanceKey"]
    task = find_task(he, processInstanceKey=instance)["userTaskKey"]
    path = f"/v2/user-tasks/{task}/completion"
    phone = {"reporter_phone": "13800138000"}
    image = upload_key(he)
    wrong = check_problem(he.post(path, {"variables": {**phone, "evidence": image}}), 422)
    assert wrong["errors"][0]["pointer"] == "/evidence", "the accept list is computed: without the remark only text"
    sent = {"documentId": second, "metadata": {"fileName": "forged"}, "endpoint": "http://evil.example"}
    done = he.post(path, {"variables": {**phone, "photos": [first], "evidence": sent}})
    assert done.status_code == 204, done.get_json()
    variables = read_variables(city, instance)
    assert variables["photos"] == f'["{first}"]'
    assert variables["evidence"] == f'{{"documentId":"{second}"}}'
    assert lin.get(f"/api/attachments/{second}").status_code == 200
    check_problem(lin.get(f"/api/attachments/{image}"), 404)


def test_a_refused_submission_uses_nothing(city: Installation) -> None:
    lin = city.person("lin")
    key = upload_key(lin)
    refused = lin.post("/v2/process-instances", {"processDefinitionId": "petition", "variables": {"photos": [key]}})
    check_problem(refused, 422)
    assert start(lin, photos=[key]).status_code == 200


def test_the_audit_log_names_the_files_of_a_case(city: Installation) -> None:
    lin = city.person("lin")
    key = upload_key(lin)
    start(lin, photos=[key])
    with city.context.store.reading() as reading:
        page = reading.search_audit(_all())
    assert [(one.actor, one.operation) for one in page.items if one.entity_key == key] == [("lin", "BIND")]


def _all() -> Any:
    from server.model import Query  # noqa: PLC0415 - keeps the record out of the way of the API's names

    return Query(limit=1000)


def test_what_nobody_uses_is_gone_after_a_day(city: Installation) -> None:
    lin = city.person("lin")
    unused, used = upload_key(lin), upload_key(lin)
    start(lin, photos=[used])
    worker = Worker(city.context)
    worker.run_due()
    assert len(stored(city)) == 2
    city.clock.advance(hours=24)
    worker.run_due()
    check_problem(lin.get(f"/api/attachments/{unused}"), 404)
    assert lin.get(f"/api/attachments/{used}").status_code == 200
    assert len(stored(city)) == 1


def test_what_was_arriving_when_a_server_stopped_is_swept_up(quick: Installation) -> None:
    files = attachment_files.AttachmentFiles(quick.context.config.data_dir)
    name = files.write(b"half of it")
    path = folder_of(quick) / attachment_files.ARRIVING / name
    moment = quick.clock.now.timestamp()
    os.utime(path, (moment, moment))
    assert attachments.remove_unused_attachments(quick.context) == 0
    quick.clock.advance(days=1, seconds=1)
    assert attachments.remove_unused_attachments(quick.context) == 1
    assert stored(quick) == []


def test_a_file_that_was_changed_or_lost_is_not_given_out(quick: Installation) -> None:
    lin = quick.person("lin")
    key = upload_key(lin)
    (name,) = stored(quick)
    path = folder_of(quick) / name[:2] / name
    path.write_bytes(b"something else")
    check_problem(lin.get(f"/api/attachments/{key}"), 503)
    path.unlink()
    check_problem(lin.get(f"/api/attachments/{key}"), 503)


def test_what_has_no_place_is_not_kept(quick: Installation) -> None:
    lin, folder = quick.person("lin"), folder_of(quick)
    folder.write_text("a file where the folder should be")
    check_problem(upload(lin, make_image()), 503)
    assert attachments.remove_unused_attachments(quick.context) == 0
    folder.unlink()
    folder.mkdir()
    for number in range(256):
        (folder / f"{number:02x}").write_text("a file where a folder should be")
    check_problem(upload(lin, make_image()), 503)
    assert len(stored(quick)) == 256


def test_two_submissions_cannot_use_the_same_file(city: Installation) -> None:
    lin = city.person("lin")
    key = int(upload_key(lin))
    actor = sign_ins.authenticate_bearer(city.context, city.tokens["lin"])
    with city.context.store.transaction() as tx:
        bind_files(city.context, tx, actor, frozenset({key}), 1, 1)
    with pytest.raises(Conflict, match="just used"), city.context.store.transaction() as tx:
        bind_files(city.context, tx, actor, frozenset({key}), 2, 2)


def test_quotas_of_senders_and_of_all(quick: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    lin, he = quick.person("lin"), quick.person("he")
    monkeypatch.setitem(attachments.QUOTAS, "user", Quota(files=3, size=60))
    note = b"%PDF-" + bytes(15)
    assert [upload(lin, note, "a.pdf").status_code for _ in range(4)] == [201, 201, 201, 429]
    assert upload(he, b"%PDF-" + bytes(60), "a.pdf").status_code == 429
    assert upload(he, note, "a.pdf").status_code == 201
    monkeypatch.setattr(attachments, "ANYBODYS_UNUSED_BYTES", 90)
    answer = upload(he, note, "a.pdf")
    check_problem(answer, 503)
    assert len(stored(quick)) == 4
    quick.clock.advance(days=1, seconds=1)
    assert upload(lin, note, "a.pdf").status_code == 201


def test_residents_without_a_name_share_a_quota(quick: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attachments.QUOTAS, "anonymous", Quota(files=2, size=100, size_of_all=100))
    note = Upload("a.pdf", "", b"%PDF-" + bytes(35))

    def send(session: str) -> str:
        try:
            attachments.keep_upload(quick.context, f"anonymous:{session}", note, "zh-CN")
        except Exception as error:  # noqa: BLE001 - its name is what is compared
            return type(error).__name__
        return "kept"

    assert [send("a"), send("b"), send("c")] == ["kept", "kept", "TooManyRequests"]
    assert upload(quick.person("lin"), note.content, "a.pdf").status_code == 201


def test_a_full_disk_takes_no_files(quick: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment_files, "FREE_BYTES", 2**62)
    check_problem(upload(quick.person("lin"), make_image()), 503)
    assert stored(quick) == []


def test_clients_upload_only_when_they_may_start_something(quick: Installation) -> None:
    check_problem(upload(quick.client("reads", read=True), make_image()), 403)
    check_problem(upload(quick.client("works", jobs={"*"}), make_image()), 403)
    assert upload(quick.client("starts", start={"petition"}), make_image()).status_code == 201
    check_problem(upload(quick.nobody, make_image()), 401)
    kept = attachments.add_attachment(quick.context, SYSTEM, Upload("a.txt", "", b"x"))
    assert kept.sender == "system:system"


SCANNERS = {
    "clean": ("import sys; sys.stdin.buffer.read(); sys.exit(0)", 201),
    "harmful": ("import sys; sys.exit(1 if b'%PDF' in sys.stdin.buffer.read() else 0)", 422),
    "broken": ("import sys; sys.exit(2)", 503),
}


@pytest.mark.parametrize("case", SCANNERS)
def test_a_scanner_has_the_last_word(
    install: Callable[..., Installation], sqlite_url: str, case: str, python: str
) -> None:
    program, status = SCANNERS[case]
    muster = install(sqlite_url, scan_command=(python, "-c", program))
    assert upload(muster.person("lin"), b"%PDF-1.4", "a.pdf").status_code == status


def test_a_scanner_that_does_not_exist_takes_nothing(install: Callable[..., Installation], sqlite_url: str) -> None:
    muster = install(sqlite_url, scan_command=("/nowhere/scanner",))
    check_problem(upload(muster.person("lin"), b"%PDF-1.4", "a.pdf"), 503)


@pytest.fixture
def python() -> str:
    import sys  # noqa: PLC0415 - for the path alone

    return sys.executable
