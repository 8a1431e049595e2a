"""How long what is kept unless an administrator says otherwise (domain.md §9.2, rule 7)."""

from __future__ import annotations

from server.model import RetentionKind, RetentionRule

DEFAULTS = (
    RetentionRule(RetentionKind.CONTACT, 180),
    RetentionRule(RetentionKind.ORIGINAL, 30),
    RetentionRule(RetentionKind.ATTACHMENT, 730),
    RetentionRule(
        RetentionKind.FEEDBACK,
        90,
        variables=("solved", "satisfied", "reason_kind", "rating_reason", "second_check", "answers"),
        decisions=("satisfaction_outcome",),
    ),
    RetentionRule(RetentionKind.REVEAL_REASON, 365),
)
"""Contact data 180 days after the final close, masked originals 30 days, attachments 2 years, answers of residents 90
days, reasons for which somebody looked at who reported 1 year."""
LONGEST_ANSWER = 40


def choose_rules(changed: tuple[RetentionRule, ...]) -> tuple[RetentionRule, ...]:
    """Return the rule of every kind: the changed one, or the default."""
    known = {rule.kind: rule for rule in changed}
    return tuple(known.get(rule.kind, rule) for rule in DEFAULTS)


def is_countable(value: object) -> bool:
    """Tell whether an answer is a word that was chosen, such as `very_satisfied`: only these are counted, no texts."""
    return isinstance(value, str) and len(value) <= LONGEST_ANSWER and value.isascii() and value.isidentifier()
