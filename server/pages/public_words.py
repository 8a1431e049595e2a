"""What residents are told, in plain words of their language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.model import CaseState, RevealPurpose
from server.pages.languages import gettext, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.public_reports import Tracked

STAGES: Mapping[CaseState, str] = {
    CaseState.OPEN: mark("It is being handled."),
    CaseState.PARKED: mark("It cannot be done now; it is looked at again at the date below."),
    CaseState.MERGED: mark("It is handled together with another report of the same matter."),
    CaseState.SPLIT: mark("It has been split into several matters, each handled for itself."),
    CaseState.REOPENED_OLD: mark("An earlier report of the same matter has been taken up again."),
    CaseState.WITHDRAWN: mark("You have taken it back."),
    CaseState.REFERRED_EMERGENCY: mark("It was passed to the emergency services."),
    CaseState.ANSWERED_NOT_ACCEPTED: mark("It is not ours to handle; you find the answer below."),
    CaseState.CLOSED_RESOLVED: mark("It is done."),
    CaseState.CLOSED_EXPLAINED: mark("It has ended with an explanation."),
    CaseState.CLOSED_UNCONFIRMED: mark("It is done; nobody could be reached to ask."),
    CaseState.CANCELLED: mark("It is no longer handled."),
}
WAITING = mark("It has arrived and is being assigned.")
AGAIN = mark("It has been taken up again and is being handled.")
ASKED = mark("Those who handle it say that it is done: please say below whether it is settled.")
KINDS: Mapping[str, str] = {
    "city": mark("a unit of the city"),
    "district": mark("a unit of the district"),
    "street": mark("the street"),
    "community": mark("the community"),
    "grid": mark("the community"),
    "department": mark("a department"),
    "enterprise": mark("a public service company"),
    "committee": mark("the community's committee"),
}
PAUSES: Mapping[str, str] = {
    "waiting_resident": mark("waiting for you to add something"),
    "waiting_other_legal_procedure": mark("waiting for another procedure"),
    "on_site_inaccessible": mark("the place cannot be entered"),
    "force_majeure": mark("force majeure"),
}
PURPOSES: Mapping[RevealPurpose, str] = {
    RevealPurpose.VERIFY: mark("to ask you about the matter"),
    RevealPurpose.VISIT: mark("to come and see you"),
    RevealPurpose.REPLY: mark("to tell you the result"),
    RevealPurpose.SAFETY: mark("because somebody was in danger"),
    RevealPurpose.LEGAL_DUTY: mark("to do what the law asks"),
}
ADMINISTRATION = mark("the administration of this service")
UNKNOWN = mark("not noted")


def tell_stage(tracked: Tracked) -> str:
    """Return where a report stands."""
    case = tracked.case
    stage = gettext(_find_stage(tracked))
    return stage if tracked.own.key == case.key else f"{gettext(STAGES[CaseState.MERGED])} {stage}"


def _find_stage(tracked: Tracked) -> str:
    case = tracked.case
    if tracked.waits:
        return WAITING
    if case.state is not CaseState.OPEN:
        return STAGES[case.state]
    if tracked.asked:
        return ASKED
    return AGAIN if case.reopened else STAGES[case.state]


def tell_kind(kind: str | None) -> str:
    """Return what kind of unit handles a case, or looked at who reported."""
    return gettext(KINDS.get(kind or "", ADMINISTRATION))


def tell_pause(reason: str) -> str:
    """Return why the time stands still."""
    return gettext(PAUSES[reason]) if reason in PAUSES else reason


def tell_purpose(purpose: RevealPurpose | None) -> str:
    """Return what somebody looked at who reported for."""
    return gettext(UNKNOWN if purpose is None else PURPOSES[purpose])
