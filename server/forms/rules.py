"""The `validate` rules of a field, and those of numbers: parsed once, applied to a value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from server.forms.expressions import Expression, is_expression, parse_expression
from server.forms.json_values import (
    count_decimals,
    read_mapping,
    take_remainder,
    to_decimal,
    write_number,
)
from server.forms.messages import format_message
from server.forms.patterns import EMAIL, PHONE, Pattern, PatternError, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Evaluate = Callable[[Expression], object]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a value has to satisfy. Limits are numbers, texts that spell numbers, or expressions; None: no limit."""

    required: bool = False
    pattern: Pattern | None = None
    pattern_text: str = ""
    pattern_message: str = ""
    minimum: object = None
    maximum: object = None
    min_length: object = None
    max_length: object = None
    kind: str = ""
    decimal_digits: int | None = None
    increment: Decimal | None = None


def parse_rules(spec: Mapping[str, object]) -> Rules | None:
    """Read the rules of one component; None when it has none. What cannot be read is left out: the check names it."""
    validate = read_mapping(spec.get("validate"))
    is_number = spec.get("type") == "number"
    pattern_text, message, kind = (validate.get(name) for name in ("pattern", "patternErrorMessage", "validationType"))
    rules = Rules(
        required=bool(validate.get("required")),
        pattern=_compile(pattern_text),
        pattern_text=str(pattern_text or ""),
        pattern_message=str(message or ""),
        minimum=_parse_limit(validate.get("min")),
        maximum=_parse_limit(validate.get("max")),
        min_length=_parse_limit(validate.get("minLength")),
        max_length=_parse_limit(validate.get("maxLength")),
        kind=str(kind or ""),
        decimal_digits=_parse_digits(spec.get("decimalDigits")) if is_number else None,
        increment=_parse_increment(spec.get("increment")) if is_number else None,
    )
    return None if rules == Rules() else rules


def find_read_names(rules: Rules) -> frozenset[str]:
    """Return the variables that limits read."""
    limits = (rules.minimum, rules.maximum, rules.min_length, rules.max_length)
    return frozenset().union(*(limit.names for limit in limits if isinstance(limit, Expression)))


def check_rules(rules: Rules, field_type: str, value: object, evaluate: Evaluate, locale: str) -> Iterator[str]:
    """Yield a sentence for every rule that the value breaks; `value` has the field's type already."""
    if value is None or value in ("", []) or value is False:
        if rules.required and (value is not False or field_type == "checkbox"):
            yield format_message(locale, "required")
        return
    if field_type == "number":
        yield from _check_number(rules, value, locale)
    if rules.pattern and isinstance(value, (str, int, float)):
        text = value if isinstance(value, str) else write_number(value)
        if not rules.pattern.search(text):
            yield rules.pattern_message or format_message(locale, "pattern", pattern=rules.pattern_text)
    if rules.minimum is not None or rules.maximum is not None:
        yield from _check_range(rules, value, evaluate, locale)
    if isinstance(value, str):
        yield from _check_text(rules, value, evaluate, locale)


def _check_number(rules: Rules, value: object, locale: str) -> Iterator[str]:
    decimal = to_decimal(value)
    if decimal is None or decimal == 0:
        return
    digits = rules.decimal_digits
    if digits is not None and count_decimals(decimal) > digits:
        yield format_message(locale, "integer" if digits == 0 else "decimals", limit=digits)
    step = rules.increment
    offset = take_remainder(decimal, step) if step else Decimal(0)
    if step and offset:
        before, after = write_number(decimal - offset), write_number(decimal - offset + step)
        yield format_message(locale, "increment", step=write_number(step), before=before, after=after)


def _check_range(rules: Rules, value: object, evaluate: Evaluate, locale: str) -> Iterator[str]:
    decimal = to_decimal(value)
    for name, bound in (("min", rules.minimum), ("max", rules.maximum)):
        limit = evaluate(bound) if isinstance(bound, Expression) else bound
        if limit is None:
            continue
        number = to_decimal(limit)
        if number is None or decimal is None:
            yield format_message(locale, f"{name}_unusable")
        elif decimal < number if name == "min" else decimal > number:
            yield format_message(locale, name, limit=write_number(number))


def _check_text(rules: Rules, value: str, evaluate: Evaluate, locale: str) -> Iterator[str]:
    if rules.min_length is not None or rules.max_length is not None:
        length = count_units(value.strip())
        for name, bound in (("min_length", rules.min_length), ("max_length", rules.max_length)):
            limit = to_decimal(evaluate(bound) if isinstance(bound, Expression) else bound)
            if limit is not None and (length < limit if name == "min_length" else length > limit):
                yield format_message(locale, name, limit=write_number(limit), length=length)
    if rules.kind == "phone" and not PHONE.search(value):
        yield format_message(locale, "phone")
    if rules.kind == "email" and not EMAIL.search(value):
        yield format_message(locale, "email")


def count_units(text: str) -> int:
    """Return the length in UTF-16 units, as browsers count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _compile(pattern: object) -> Pattern | None:
    try:
        return compile_pattern(pattern) if isinstance(pattern, str) and pattern else None
    except PatternError:
        return None


def _parse_limit(limit: object) -> object:
    if is_expression(limit):
        return parse_expression(str(limit))
    return limit if isinstance(limit, (int, float, str)) and not isinstance(limit, bool) else None


def _parse_digits(digits: object) -> int | None:
    decimal = to_decimal(digits)
    return int(decimal) if decimal is not None and decimal >= 0 else None


def _parse_increment(increment: object) -> Decimal | None:
    decimal = to_decimal(increment)
    return decimal if decimal is not None and decimal > 0 else None
