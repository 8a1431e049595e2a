"""Mails that gather what happened: at eight in the morning, every day or on Mondays, in the zone of the server.

A digest is a delivery with a dedupe key of person and moment, made in the transaction that takes its notices out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from server.model import Delivery, Digest, Preferences
from server.service.announcements import MAIL, after_quiet_hours
from server.service.notification_texts import write_mail

if TYPE_CHECKING:
    from datetime import datetime

    from server.service.context import Context
    from server.store import Transaction

HOUR = 8
MOST_IN_A_MAIL = 200
BATCH = 200
RETENTION = timedelta(days=180)


def send_digests(context: Context) -> int:
    """Make the mails whose time has come, and return how many these were.

    A notice that came after the last moment waits for the next one. Who has gone back to mails at once gets what still
    waits; who has no address any more gets none.
    """
    made, after = 0, ""
    while True:
        with context.store.reading() as reading:
            people = reading.people_with_gathered_notices(after, BATCH)
        for name in people:
            with context.store.transaction() as tx:
                made += _send_digest(context, tx, name)
        if len(people) < BATCH:
            return made
        after = people[-1]


def _send_digest(context: Context, tx: Transaction, name: str) -> bool:
    wishes = tx.preferences([name]).get(name, Preferences(name))
    moment = find_last_moment(context, wishes.digest)
    notices = [one for one in tx.gathered_notices(name, MOST_IN_A_MAIL) if one.created_at < moment]
    if not notices:
        return False
    tx.take_gathered_notices([one.key for one in notices])
    if wishes.email is None or context.config.mail_server is None:
        return False
    delivery = Delivery(
        key=next(tx.keys),
        channel=MAIL,
        recipient=name,
        content=write_mail(notices, wishes.language, context.config.public_url),
        dedupe_key=f"digest/{name}/{moment.isoformat()}/{notices[0].key}",
        created_at=context.now(),
        due_at=after_quiet_hours(context, wishes),
    )
    tx.add_deliveries([delivery])
    return True


def find_last_moment(context: Context, digest: Digest) -> datetime:
    """Return the moment up to which a digest that is due by now gathers."""
    now = context.now()
    if digest is Digest.IMMEDIATELY:
        return now + timedelta(milliseconds=1)
    local = now.astimezone(context.config.timezone)
    moment = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if digest is Digest.WEEKLY:
        moment -= timedelta(days=local.weekday())
    if moment > local:
        moment -= timedelta(days=7 if digest is Digest.WEEKLY else 1)
    return moment.astimezone(now.tzinfo)


def remove_old_notices(context: Context) -> None:
    """Delete notices and ended deliveries after half a year."""
    with context.store.transaction() as tx:
        before = context.now() - RETENTION
        tx.remove_old_notices(before)
        tx.remove_old_deliveries(before)
