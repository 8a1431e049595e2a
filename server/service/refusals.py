"""What people read when a file is not taken, in their language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import Problem, SubmissionInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

PART = "file"
_MESSAGES: Mapping[str, tuple[str, str]] = {
    "type": (
        "不接受这种文件：请上传图片（jpg、png、webp）、pdf、mp4、文本或 Office 文档（不含宏）。",
        (
            "This kind of file is not taken: expected an image (jpg, png, webp), pdf, mp4, text, or an office document "
            "without macros."
        ),
    ),
    "lie": (
        "文件名或声明的类型与内容不符：内容是 {found}。",
        "The file is not what its name or declared type says: its content is {found}.",
    ),
    "damaged": ("文件已损坏，无法读取（{found}）。", "The file is damaged: it cannot be read as {found}."),
    "pixels": ("图片过大：最多 {limit} 像素。", "The image is too large: expected at most {limit} pixels."),
    "moving": ("不接受动态图片；视频请用 mp4。", "The image moves: expected a still one; send a film as mp4."),
    "harmful": ("文件未通过安全检查。", "The file is refused: the scanner found something harmful in it."),
    "unknown": (
        "没有这个附件，或不是您上传的，或已超过一天未使用：请重新上传。",
        "There is no such attachment of yours that waits to be used: upload the file again.",
    ),
    "many": ("文件过多：最多 {limit} 个。", "Too many files: expected at most {limit}, found {count}."),
    "accept": (
        "此处不接受 {found} 类型的文件，只接受：{accept}。",
        "A file of the type {found} is not taken here: expected {accept}.",
    ),
}


def write_message(reason: str, locale: str, **values: object) -> str:
    """Return the sentence for a reason."""
    chinese, english = _MESSAGES[reason]
    return (chinese if locale.startswith("zh") else english).format(**values)


def refuse_file(reason: str, locale: str, **values: object) -> SubmissionInvalid:
    """Return the error for an upload that is not taken."""
    message = write_message(reason, locale, **values)
    return SubmissionInvalid(message, problems=(Problem(f"/{PART}", message),))
