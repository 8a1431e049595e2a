"""Turns what was sent for a field into a value of the field's type, or says why that is impossible.

What form-js takes over, it takes over here (a number for a text, a numeric text for a number); where form-js silently
replaces a value by nothing, `ValueRefused` is raised instead.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from server.forms.field_types import get_empty_value
from server.forms.json_values import (
    NumberTooLarge,
    NumberTooPrecise,
    ValueTooDeep,
    canonicalise_number,
    freeze_value,
    parse_number,
    write_number,
)
from server.forms.limits import MAX_CHOICES, MAX_DIGITS, MAX_FILES, MAX_TEXT
from server.forms.messages import describe_value, format_message, shorten_text
from server.forms.moments import normalise_moment, parse_format
from server.forms.rules import count_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.feel import Environment
    from server.forms.components import Component

_LINE_BREAKS: Final = str.maketrans("\r\n\t", "   ")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class ValueRefused(ValueError):
    """What was sent is no value for this field; the message is for the person who sent it."""


def convert_value(component: Component, sent: object, environment: Environment, locale: str) -> object:
    """Return the value of the field's type; null and, where nothing can be chosen, `""` mean that it is empty.

    Options are not looked at: they may depend on other fields.

    Raises:
        ValueRefused: the value has the wrong type, is too large, or is no such thing (a date, a number …).

    """
    if sent is None:
        return get_empty_value(component.type)
    if isinstance(sent, str):
        check_text(sent, locale)
    return _CONVERTERS[component.type.name](component, sent, environment, locale)


def check_text(text: str, locale: str) -> None:
    """Refuse texts that are too long or hold characters that no database and no client can keep."""
    if len(text) > MAX_TEXT:
        raise ValueRefused(format_message(locale, "text_long", limit=MAX_TEXT, length=len(text)))
    if text.isascii():
        if "\0" in text:
            raise ValueRefused(format_message(locale, "text_nul"))
        return
    if "\0" in text:
        raise ValueRefused(format_message(locale, "text_nul"))
    if _SURROGATE.search(text):
        raise ValueRefused(format_message(locale, "text_surrogate"))
    length = count_units(text)
    if length > MAX_TEXT:
        raise ValueRefused(format_message(locale, "text_long", limit=MAX_TEXT, length=length))


def _convert_text(component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if isinstance(sent, bool):
        return "true" if sent else "false"
    if isinstance(sent, (int, float, Decimal)):
        return write_number(_canonicalise(sent, locale))
    if not isinstance(sent, str):
        raise ValueRefused(format_message(locale, "text", found=describe_value(locale, sent)))
    return sent.translate(_LINE_BREAKS) if component.type.name == "textfield" else sent


def _convert_number(component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if sent == "":
        return None
    number: float | Decimal | None = None
    if isinstance(sent, str):
        number = parse_number(sent)
        if number is None:
            raise ValueRefused(_explain_number(sent, locale))
    elif isinstance(sent, (int, float, Decimal)) and not isinstance(sent, bool):
        number = sent
    if number is None:
        raise ValueRefused(format_message(locale, "number", found=describe_value(locale, sent)))
    if not component.spec.get("serializeToString"):
        return _canonicalise(number, locale)
    if abs(number) >= 10**MAX_DIGITS:
        raise ValueRefused(format_message(locale, "number_large", limit=MAX_DIGITS))
    return sent.strip() if isinstance(sent, str) else write_number(_canonicalise(number, locale))


def _canonicalise(number: float | Decimal, locale: str) -> float:
    try:
        return canonicalise_number(number)
    except NumberTooLarge as error:
        raise ValueRefused(format_message(locale, "number_large", limit=MAX_DIGITS)) from error
    except NumberTooPrecise as error:
        raise ValueRefused(format_message(locale, "number_precise", value=shorten_text(str(number)))) from error


def _explain_number(sent: str, locale: str) -> str:
    if not sent.isascii() and any(character.isdecimal() for character in sent):
        ascii_digits = "".join(
            str(int(character)) if character.isdecimal() else character for character in sent[:40]
        ).replace("．", ".")
        return format_message(locale, "number_width", example=shorten_text(ascii_digits))
    return format_message(locale, "number", found=describe_value(locale, sent))


def _convert_checkbox(_component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if not isinstance(sent, bool):
        raise ValueRefused(format_message(locale, "checkbox", found=describe_value(locale, sent)))
    return sent


def _convert_choice(_component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if sent == "":
        return None
    _check_depth(sent, locale)
    return sent


def _convert_choices(_component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if not isinstance(sent, list):
        raise ValueRefused(format_message(locale, "choices", found=describe_value(locale, sent)))
    if len(sent) > MAX_CHOICES:
        raise ValueRefused(format_message(locale, "choices_many", limit=MAX_CHOICES, length=len(sent)))
    _check_depth(sent, locale)
    return list(sent)


def _check_depth(value: object, locale: str) -> None:
    try:
        freeze_value(value)
    except ValueTooDeep as error:
        raise ValueRefused(format_message(locale, "value_deep")) from error


def _convert_moment(component: Component, sent: object, environment: Environment, locale: str) -> object:
    if sent == "":
        return None
    form = parse_format(component.spec)
    moment = normalise_moment(sent, form, environment.now, environment.zone) if isinstance(sent, str) else None
    if moment is None:
        name = form.subtype if form.subtype in {"time", "datetime"} else "date"
        raise ValueRefused(format_message(locale, name, found=describe_value(locale, sent)))
    return moment


def _convert_files(component: Component, sent: object, _environment: Environment, locale: str) -> object:
    if sent in ("", []):
        return None
    references = sent if isinstance(sent, list) else [sent]
    if len(references) > MAX_FILES:
        raise ValueRefused(format_message(locale, "file_many", limit=MAX_FILES, length=len(references)))
    if component.spec.get("multiple") in (None, False) and len(references) > 1:
        raise ValueRefused(format_message(locale, "file_one", length=len(references)))
    for reference in references:
        identifier = reference.get("documentId") if isinstance(reference, dict) else reference
        if not (isinstance(identifier, str) and identifier):
            raise ValueRefused(format_message(locale, "file", found=describe_value(locale, reference)))
        _check_depth(reference, locale)
        _check_texts(reference, locale)
    return sent


def _check_texts(value: object, locale: str) -> None:
    if isinstance(value, str):
        check_text(value, locale)
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name, locale)
            _check_texts(item, locale)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item, locale)


_CONVERTERS: Final[dict[str, Callable[[Component, object, Environment, str], object]]] = {
    "textfield": _convert_text,
    "textarea": _convert_text,
    "number": _convert_number,
    "checkbox": _convert_checkbox,
    "checklist": _convert_choices,
    "taglist": _convert_choices,
    "radio": _convert_choice,
    "select": _convert_choice,
    "datetime": _convert_moment,
    "filepicker": _convert_files,
}
