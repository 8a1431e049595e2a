"""Co-signing a task (加签): whose turn it is, and whose signature is missing. Pure.

Co-signers sign before the holder, or after them; before those after, the holder signs. Within each of the two stages
everybody with the rule ALL has to agree (会签), and of those with the rule ANY one is enough (或签). Whoever does not
agree may sign once more. Source of the words: domain vocabulary of hand-offs; of the stages: 前加签 and 后加签.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.model import CoSigner, SigningRule, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def find_missing(co_signers: Iterable[CoSigner], stages: Iterable[Stage] = tuple(Stage)) -> tuple[str, ...]:
    """Return whose agreement is missing in these stages; of several with the rule ANY all, as long as none agrees."""
    wanted = set(stages)
    asked = [one for one in co_signers if one.stage in wanted]
    enough = {one.stage for one in asked if one.rule is SigningRule.ANY and one.agrees}
    return tuple(
        one.name for one in asked if not one.agrees and not (one.rule is SigningRule.ANY and one.stage in enough)
    )


def find_turn(co_signers: Sequence[CoSigner], names: Iterable[str], holder: str | None = None) -> CoSigner | None:
    """Return what somebody with these names may sign now, or None when it is not their turn.

    `holder` is the holder's name where it is they who ask: they sign once somebody is to sign after them.
    """
    known = frozenset(names)
    before_done = not find_missing(co_signers, [Stage.BEFORE])
    holder_done = any(one.stage is Stage.HOLDER and one.agrees for one in co_signers)
    for one in co_signers:
        in_turn = one.stage is Stage.BEFORE or (one.stage is Stage.AFTER and before_done and holder_done)
        if one.name in known and in_turn and not one.agrees:
            return one
    after = any(one.stage is Stage.AFTER for one in co_signers)
    if holder is not None and after and before_done and not holder_done:
        return CoSigner(holder, Stage.HOLDER, SigningRule.ALL)
    return None


def forget_holder(co_signers: Iterable[CoSigner]) -> tuple[CoSigner, ...]:
    """Return who has to sign once the task is somebody else's: what came with or after the holder is open."""
    kept = (one for one in co_signers if one.stage is not Stage.HOLDER)
    return tuple(CoSigner(one.name, one.stage, one.rule) if one.stage is Stage.AFTER else one for one in kept)
