"""What was done with a task or an instance, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.model import HandOffKind
from server.pages.languages import gettext, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import HandOff

KINDS: Mapping[HandOffKind, str] = {
    HandOffKind.TRANSFER: mark("%(name)s transferred it to %(others)s"),
    HandOffKind.DELEGATION: mark("%(name)s delegated it to %(others)s"),
    HandOffKind.HAND_BACK: mark("%(name)s handed it back"),
    HandOffKind.RETURN: mark("%(name)s returned it"),
    HandOffKind.WITHDRAWAL: mark("%(name)s withdrew it"),
    HandOffKind.CO_SIGNER_ADDITION: mark("%(name)s asked for the signature of %(others)s"),
    HandOffKind.CO_SIGNER_REMOVAL: mark("%(name)s released %(others)s from signing"),
    HandOffKind.SIGNATURE: mark("%(name)s signed"),
    HandOffKind.COPY: mark("%(name)s sent a copy to %(others)s"),
    HandOffKind.REMINDER: mark("%(name)s reminded of it"),
    HandOffKind.VOIDING: mark("%(name)s voided it"),
    HandOffKind.SUSPENSION: mark("%(name)s suspended it"),
    HandOffKind.RESUMPTION: mark("%(name)s let it go on"),
    HandOffKind.CANCELLATION: mark("%(name)s cancelled it"),
    HandOffKind.MIGRATION: mark("%(name)s moved it to another version"),
    HandOffKind.MOVE: mark("%(name)s moved a token"),
}


def tell_hand_off(one: HandOff, names: Mapping[str, str]) -> str:
    """Return one line of hand-offs as a sentence."""
    values = {
        "name": names.get(one.actor, one.actor),
        "others": gettext(", ").join(names.get(other, other) for other in one.recipients),
    }
    text = gettext(KINDS[one.kind])
    return text % values
