"""Attachments: files that people upload first and then name in a form.

An upload belongs to its sender and is gone after a day. A submission that names it in a file field binds it to the
process instance, in the same transaction; from then on whoever may see the instance may download it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, InvalidArgument, NotFound, PayloadTooLarge, TooManyRequests, Unavailable
from server.model import Attachment
from server.service.file_references import UNUSED_LIFE, sender_of
from server.service.file_types import IMAGES, MP4, clean_name, find_type, is_truthful
from server.service.films import blank_notes
from server.service.images import rewrite_image
from server.service.process_instances import may_see
from server.service.refusals import refuse_file
from server.service.scanning import find_scanner
from server.store.attachment_files import AttachmentFiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from server.access import Actor
    from server.service.context import Context
    from server.service.file_types import FileType
    from server.store import Reading

LARGEST_FILE = 20_000_000
MEGABYTE = 1_000_000
ANYBODYS_UNUSED_BYTES = 2_000 * MEGABYTE
"""Unused uploads of all senders together."""
REMOVED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Quota:
    """What one sender may upload within a day, used or not, and what all senders of the kind may together."""

    files: int
    size: int
    size_of_all: int | None = None


QUOTAS: Mapping[str, Quota] = {
    "user": Quota(files=500, size=500 * MEGABYTE),
    "client": Quota(files=5_000, size=2_000 * MEGABYTE),
    "system": Quota(files=5_000, size=2_000 * MEGABYTE),
    "anonymous": Quota(files=18, size=60 * MEGABYTE, size_of_all=1_000 * MEGABYTE),
}
"""By kind of sender; `anonymous` are residents of the public intake, named by their intake session."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: what it says of itself is not believed."""

    name: str
    declared_type: str
    content: bytes


def add_attachment(context: Context, actor: Actor, upload: Upload, locale: str = "zh-CN") -> Attachment:
    """Keep an uploaded file until a submission uses it.

    Raises `Forbidden`, `PayloadTooLarge`, `SubmissionInvalid` for what is not taken, `TooManyRequests` beyond the quota
    and `Unavailable` when the disk or the scanner has no room or answer; nothing is kept then.
    """
    if not access.may_upload(actor):
        raise Forbidden("only people and clients that may start a process upload files")
    return keep_upload(context, sender_of(actor), upload, locale)


def keep_upload(context: Context, sender: str, upload: Upload, locale: str) -> Attachment:
    """Judge, clean and keep a file for a sender, without asking who may; raises as `add_attachment` does."""
    found, content = _judge(context, upload, locale)
    files = AttachmentFiles(context.config.data_dir)
    _check_quota_early(context, sender, len(content))
    file_name = files.write(content)
    try:
        with context.store.transaction() as tx:
            _check_quota(tx, sender, len(content), context.now())
            record = Attachment(
                key=next(tx.keys),
                sender=sender,
                name=clean_name(upload.name, found),
                media_type=found.media_type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                file_name=file_name,
                uploaded_at=context.now(),
            )
            tx.add_attachment(record)
        files.keep(file_name)
    except BaseException:
        files.discard(file_name)
        raise
    return record


def _judge(context: Context, upload: Upload, locale: str) -> tuple[FileType, bytes]:
    """Return what the file is, and its content without what cameras and phones note in it."""
    if len(upload.content) > LARGEST_FILE:
        raise PayloadTooLarge(f"expected a file of at most {LARGEST_FILE} bytes, found {len(upload.content)}")
    if not upload.content:
        raise InvalidArgument("expected a file with content, found an empty one")
    found = find_type(upload.content, upload.name)
    if found is None:
        raise refuse_file("type", locale)
    if not is_truthful(found, upload.name, upload.declared_type):
        raise refuse_file("lie", locale, found=found.media_type)
    find_scanner(context.config.scan_command)(upload.content, locale)
    if found in IMAGES:
        return found, rewrite_image(upload.content, found, locale)
    return found, blank_notes(upload.content, locale) if found is MP4 else upload.content


def _check_quota_early(context: Context, sender: str, size: int) -> None:
    """Refuse before anything is written to the disk; what counts is the check beside the row."""
    with context.store.reading() as reading:
        _check_quota(reading, sender, size, context.now())


def _check_quota(reading: Reading, sender: str, size: int, now: datetime) -> None:
    # On PostgreSQL uploads at the same moment do not see each other: the quota may be passed by as many files as there
    # are request threads.
    kind = sender.partition(":")[0]
    quota, since = QUOTAS[kind], now - UNUSED_LIFE
    own = reading.attachment_usage(sender, since)
    if own.files >= quota.files or own.size + size > quota.size:
        raise TooManyRequests("You have uploaded as much as is possible within a day: try again tomorrow.")
    if quota.size_of_all is not None and reading.attachment_usage(f"{kind}:", since).size + size > quota.size_of_all:
        raise TooManyRequests("Too much was uploaded today: try again tomorrow.")
    if reading.attachment_usage("", since, unused_only=True).size + size > ANYBODYS_UNUSED_BYTES:
        raise Unavailable("Too many uploaded files wait to be used: try again later.")


def get_attachment(context: Context, actor: Actor, key: int) -> tuple[Attachment, bytes]:
    """Return an attachment and its content.

    Raises `NotFound`, also for what is not the actor's to know of, and `Unavailable` when the file is not there or not
    the one that was kept.
    """
    with context.store.reading() as reading:
        record = reading.attachment(key)
        if record is None or not _may_download(reading, actor, record):
            raise NotFound(f"there is no attachment with key {key}")
    content = AttachmentFiles(context.config.data_dir).read(record.file_name)
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise Unavailable("The file is not the one that was uploaded: it has to come back from a back-up.")
    return record, content


def name_attachments(context: Context, actor: Actor, keys: Collection[int]) -> dict[int, str]:
    """Return what those of these files are called that the actor may download."""
    if not keys:
        return {}
    with context.store.reading() as reading:
        return {one.key: one.name for one in _leave_downloadable(reading, actor, reading.attachments(keys))}


def list_attachments(context: Context, actor: Actor, root_key: int) -> tuple[Attachment, ...]:
    """Return the files of a root instance that the actor may download, in the order in which they came."""
    with context.store.reading() as reading:
        return tuple(_leave_downloadable(reading, actor, reading.attachments_of_root(root_key)))


def _leave_downloadable(reading: Reading, actor: Actor, records: Iterable[Attachment]) -> Iterator[Attachment]:
    judged: dict[tuple[int | None, str], bool] = {}
    for one in records:  # what counts is the instance, and before that the sender: each is asked for once
        place = (one.process_instance_key, one.sender)
        if place not in judged:
            judged[place] = _may_download(reading, actor, one)
        if judged[place]:
            yield one


def _may_download(reading: Reading, actor: Actor, record: Attachment) -> bool:
    if record.root_key is None:
        return access.may_download(is_sender=record.sender == sender_of(actor), sees_instance=False)
    keys = {key for key in (record.process_instance_key, record.root_key) if key is not None}
    instances = [instance for key in sorted(keys) if (instance := reading.process_instance(key)) is not None]
    seen = any(may_see(reading, actor, instance) for instance in instances)
    return access.may_download(is_sender=False, sees_instance=seen)


def remove_unused_attachments(context: Context) -> int:
    """Throw away what nobody used within a day, and what was arriving when a server stopped; returns how much."""
    files, before = AttachmentFiles(context.config.data_dir), context.now() - UNUSED_LIFE
    with context.store.transaction() as tx:
        names = tx.remove_unused_attachments(before, REMOVED_AT_ONCE)
        for name in names:  # before the commit: a row without a file is removed once more, a file without a row never
            files.discard(name)
    return len(names) + files.discard_stranded(before)
