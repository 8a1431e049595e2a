"""Co-signing: whose signature is missing, and whose turn it is."""

from __future__ import annotations

import pytest

from server.governance.co_signing import find_missing, find_turn, forget_holder
from server.model import CoSigner, SigningRule, Stage

ALL, ANY = SigningRule.ALL, SigningRule.ANY
BEFORE, HOLDER, AFTER = Stage.BEFORE, Stage.HOLDER, Stage.AFTER


def signer(name: str, stage: Stage = BEFORE, rule: SigningRule = ALL, *, agrees: bool | None = None) -> CoSigner:
    return CoSigner(name, stage, rule, agrees=agrees)


MISSING = [
    ([], ()),
    ([signer("a"), signer("b", agrees=True)], ("a",)),
    ([signer("a", agrees=False)], ("a",)),
    ([signer("a", rule=ANY), signer("b", rule=ANY)], ("a", "b")),
    ([signer("a", rule=ANY), signer("b", rule=ANY, agrees=True)], ()),
    ([signer("a", rule=ANY, agrees=False), signer("b", rule=ANY, agrees=True)], ()),
    ([signer("a", rule=ANY, agrees=True), signer("b")], ("b",)),
    ([signer("a", rule=ANY, agrees=True), signer("b", AFTER, ANY)], ("b",)),
]


@pytest.mark.parametrize(("co_signers", "missing"), MISSING)
def test_whose_agreement_is_missing(co_signers: list[CoSigner], missing: tuple[str, ...]) -> None:
    assert find_missing(co_signers) == missing


def test_after_waits_for_before_and_for_the_holder() -> None:
    before, after = signer("a"), signer("b", AFTER)
    assert find_turn([before, after], ["a"]) == before
    assert find_turn([before, after], ["b"]) is None
    assert find_turn([before, after], ["lin"], "lin") is None
    done = signer("a", agrees=True)
    assert find_turn([done, after], ["b"]) is None
    assert find_turn([done, after], ["lin"], "lin") == CoSigner("lin", HOLDER, ALL)
    held = signer("lin", HOLDER, agrees=True)
    assert find_turn([done, after, held], ["b"]) == after
    assert find_turn([done, after, held], ["lin"], "lin") is None


def test_who_has_agreed_signs_no_more_and_who_has_not_may() -> None:
    assert find_turn([signer("a", agrees=True)], ["a"]) is None
    refused = signer("a", agrees=False)
    assert find_turn([refused], ["a"]) == refused
    assert find_turn([refused], ["x", "a"]) == refused, "a substitute signs with the name of the absent"


def test_without_anybody_after_the_holder_does_not_sign() -> None:
    assert find_turn([signer("a", agrees=True)], ["lin"], "lin") is None


def test_another_holder_opens_what_came_after() -> None:
    signed = [signer("a", agrees=True), signer("b", AFTER, agrees=True), signer("lin", HOLDER, agrees=True)]
    assert forget_holder(signed) == (signed[0], signer("b", AFTER))
