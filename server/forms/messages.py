"""Every sentence that a person who fills in a form may read, in both languages, in one place.

The English sentences say the same as the Chinese ones; placeholders are those of `str.format`.
"""

from __future__ import annotations

from typing import Final

DEFAULT_LOCALE: Final = "zh-CN"

_CATALOGUE: Final[dict[str, tuple[str, str]]] = {
    "required": ("此项必填。", "This field is required."),
    "text": ("应填写文字，收到的是{found}。", "Expected text, found {found}."),
    "text_long": (
        "文字最多 {limit} 个字符，收到 {length} 个。",
        "Expected at most {limit} characters, found {length}.",
    ),
    "text_nul": ("文字中含有空字符（NUL），请删除。", "The text contains a NUL character: remove it."),
    "text_surrogate": (
        "文字中含有不完整的字符（孤立代理项），请重新输入。",
        "The text contains half a character (a lone surrogate): enter it again.",
    ),
    "number": ("应填写数字，收到的是{found}。", "Expected a number, found {found}."),
    "number_width": (
        "数字请用半角字符填写，例如 {example}。",
        "Expected a number in ASCII digits, for example {example}.",
    ),
    "number_large": ("数字过大：最多 {limit} 位。", "The number is too large: at most {limit} digits are kept."),
    "number_precise": (
        "数字的小数位过多，无法准确保存：{value}。",
        "The number has more digits than can be kept exactly: {value}.",
    ),
    "integer": ("应填写整数。", "Expected an integer."),
    "decimals": ("最多 {limit} 位小数。", "Expected at most {limit} decimal digits."),
    "increment": (
        "应填写 {step} 的倍数，最接近的是 {before} 和 {after}。",
        "Expected a multiple of {step}; the nearest are {before} and {after}.",
    ),
    "min": ("不能小于 {limit}。", "Expected at least {limit}."),
    "max": ("不能大于 {limit}。", "Expected at most {limit}."),
    "min_unusable": (
        "表单规定的最小值不是数字：请联系管理员。",
        "The smallest value that the form asks for is not a number: tell the administrator.",
    ),
    "max_unusable": (
        "表单规定的最大值不是数字：请联系管理员。",
        "The largest value that the form asks for is not a number: tell the administrator.",
    ),
    "min_length": ("至少 {limit} 个字符，收到 {length} 个。", "Expected at least {limit} characters, found {length}."),
    "max_length": ("最多 {limit} 个字符，收到 {length} 个。", "Expected at most {limit} characters, found {length}."),
    "pattern": ("格式不符合要求：{pattern}", "Expected text that matches {pattern}"),
    "phone": (
        "请填写有效的电话号码，例如 13800138000、010-12345678 或 +8613800138000。",
        "Expected a phone number, for example 13800138000, 010-12345678 or +8613800138000.",
    ),
    "email": (
        "请填写有效的电子邮箱，例如 name@example.org。",
        "Expected an e-mail address, for example name@example.org.",
    ),
    "checkbox": ("应为 true 或 false，收到的是{found}。", "Expected true or false, found {found}."),
    "option": ("“{value}”不在可选项中。可选：{options}。", "{value} is not an option. Options: {options}."),
    "no_options": ("目前没有可选项，请留空。", "There are no options to choose from at present: leave it empty."),
    "choices": ("应为选中项的列表，收到的是{found}。", "Expected a list of selected values, found {found}."),
    "choices_many": ("最多选择 {limit} 项，收到 {length} 项。", "Expected at most {limit} values, found {length}."),
    "value_deep": ("数据嵌套过深。", "The value is nested too deeply."),
    "date": (
        "应填写存在的日期，格式为 2026-05-01；收到的是{found}。",
        "Expected an existing date such as 2026-05-01, found {found}.",
    ),
    "time": ("应填写时间，格式为 09:30；收到的是{found}。", "Expected a time such as 09:30, found {found}."),
    "datetime": (
        "应填写日期和时间，格式为 2026-05-01T09:30；收到的是{found}。",
        "Expected a date and time such as 2026-05-01T09:30, found {found}.",
    ),
    "date_past": ("日期不能早于今天（{today}）。", "Expected a date that is not before today ({today})."),
    "date_future": ("日期不能晚于今天（{today}）。", "Expected a date that is not after today ({today})."),
    "file": (
        "应为文件引用或其列表，收到的是{found}。",
        "Expected a file reference or a list of them, found {found}.",
    ),
    "file_one": ("只能选择一个文件，收到 {length} 个。", "Expected one file, found {length}."),
    "file_many": ("最多 {limit} 个文件，收到 {length} 个。", "Expected at most {limit} files, found {length}."),
    "group": ("应为对象（各字段的名称和值），收到的是{found}。", "Expected an object of fields, found {found}."),
    "rows": ("应为行的列表，收到的是{found}。", "Expected a list of rows, found {found}."),
    "rows_many": ("最多 {limit} 行，收到 {length} 行。", "Expected at most {limit} rows, found {length}."),
    "rows_fixed": (
        "此列表不能增删行：应为 {expected} 行，收到 {length} 行。",
        "Rows of this list cannot be added or removed: expected {expected}, found {length}.",
    ),
    "too_large": (
        "提交的内容过多：一次最多 {limit} 个字段。",
        "Too much was submitted: at most {limit} fields at once.",
    ),
    "readonly": (
        "此项只读，由系统给出，不能修改；请删除它或保持原值。",
        "This field is read-only, its value comes from the server: leave it out or unchanged.",
    ),
    "conflict": (
        "此项与其他填写内容相互排斥，无法同时提交。",
        "This field and other answers exclude each other: they cannot be submitted together.",
    ),
    "unknown": ("表单中没有此项。可填写：{keys}。", "The form has no such field. It has: {keys}."),
    "unknown_near": (
        "表单中没有此项。是否指“{near}”？可填写：{keys}。",
        "The form has no such field. Did you mean {near}? It has: {keys}.",
    ),
    "unknown_none": ("此表单不接收任何数据。", "This form takes no data."),
    "not_object": ("提交的数据应为 JSON 对象，收到的是{found}。", "Expected a JSON object, found {found}."),
    "more_problems": (
        "另有更多问题未列出（最多列出 {limit} 个）。",
        "There are more problems; only the first {limit} are listed.",
    ),
    "kind_null": ("空值", "null"),
    "kind_boolean": ("是/否值", "a boolean"),
    "kind_number": ("数字", "a number"),
    "kind_text": ("文字“{text}”", '"{text}"'),
    "kind_list": ("列表", "a list"),
    "kind_object": ("对象", "an object"),
    "kind_other": ("无法识别的值", "something that is not JSON"),
}


def format_message(locale: str, name: str, /, **values: object) -> str:
    """Return one sentence of the catalogue; any `zh…` locale reads Chinese, every other one English."""
    chinese, english = _CATALOGUE[name]
    return (chinese if locale.lower().startswith("zh") else english).format(**values)


def describe_value(locale: str, value: object) -> str:
    """Say what kind of JSON value was found; of texts the beginning is quoted, safe to print."""
    if isinstance(value, str):
        return format_message(locale, "kind_text", text=shorten_text(value))
    kinds = ((type(None), "null"), (bool, "boolean"), ((int, float), "number"), (list, "list"), (dict, "object"))
    kind = next((name for types, name in kinds if isinstance(value, types)), "other")
    return format_message(locale, f"kind_{kind}")


def shorten_text(text: str, limit: int = 40) -> str:
    """Return the beginning of a text that a stranger sent, without control characters and lone surrogates."""
    cut = text if len(text) <= limit else text[:limit] + "…"
    return "".join(character if character.isprintable() else "\ufffd" for character in cut)
