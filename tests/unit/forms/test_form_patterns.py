"""JavaScript patterns on RE2, phone numbers and e-mail addresses."""

from __future__ import annotations

import pytest

from server.forms.patterns import EMAIL, PHONE, PatternError, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^[\u4e00-\u9fa5]{2,4}$", "街道办", True),
        (r"^[\u4e00-\u9fa5]{2,4}$", "street", False),
        (r"^\u{41}\x42$", "AB", True),
        (r"^a\sb$", "a\u3000b", True),
        (r"^a[\s,]b$", "a\u00a0b", True),
        (r"^\S+$", "a\u3000b", False),
        (r"^[\S]+$", "ab", True),
        (r"^a\/b\，$", "a/b，", True),
        (r"^[^]$", "\n", True),
        (r"[]", "a", False),
        (r"^[[]]$", "[]", True),
        (r"^[\b]$", "\b", True),
        (r"\bword\b", "a word", True),
        (r"^\e$", "e", True),
        (r"^[a\]b]+$", "a]b", True),
        (r"^\d{3}$", "１２３", False),
        (r"^.$", "\n", False),
        (r"b+", "aabb", True),
    ],
)
def test_patterns_mean_what_they_mean_in_javascript(pattern: str, text: str, found: bool) -> None:  # noqa: FBT001 - a table
    assert bool(compile_pattern(pattern).search(text)) is found


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", "a{1001}", "[b-a]"])
def test_patterns_that_re2_cannot_run_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_patterns_never_backtrack() -> None:
    assert compile_pattern("^(a+)+$").search("a" * 50_000 + "!") is None


@pytest.mark.parametrize(
    "number",
    [
        "13800138000", "138 0013 8000", "138-0013-8000", "+8613800138000", "+86 13800138000", "008613800138000",
        "8613800138000", "010-12345678", "01012345678", "(010)12345678", "0755-1234567", "0755-12345678-123",
        "021-12345678转801", "+86-10-12345678", "+8601012345678", "400-123-4567", "8001234567", "+4930664040900",
        "004930664040900",
    ],
)  # fmt: skip
def test_phone_numbers(number: str) -> None:
    assert PHONE.search(number)


@pytest.mark.parametrize(
    "number",
    ["12345", "1381234567", "12800138000", "138001380001", "12345678", "call +4930664040900", "+0123456", "１３８"],
)
def test_other_numbers(number: str) -> None:
    assert not PHONE.search(number)


@pytest.mark.parametrize(
    ("address", "valid"), [("a@b.cn", True), ("a.b+c@d-e.f", True), ("a@-b.cn", False), ("a b@c.d", False)]
)
def test_addresses(address: str, valid: bool) -> None:  # noqa: FBT001 - a table
    assert bool(EMAIL.search(address)) is valid
