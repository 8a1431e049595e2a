"""What identifies people in free text is masked, and masking it once more changes nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.governance.masking import mask_text

TABLE = [
    ("请打13812345678", "请打[电话]"),
    ("电话:138 1234 5678。", "电话:[电话]。"),
    ("138-1234-5678 或 +86 13812345678", "[电话] 或 [电话]"),
    ("１３８１２３４５６７８", "[电话]"),
    ("010-62345678", "[电话]"),
    ("(0713)8234567", "[电话]"),
    ("400-820-8820", "[电话]"),
    ("座机:62345678", "座机[电话]"),
    ("身份证110101199003070134", "身份证[证件号]"),
    ("11010119900307013X", "[证件号]"),
    ("110101 19900307 013x", "[证件号]"),
    ("110101900307013", "[证件号]"),
    ("卡号6222 0212 3456 7890 123", "卡号[银行卡]"),
    ("6222021234567890", "[银行卡]"),
    ("车牌京A·12345停在门口", "车牌[车牌]停在门口"),
    ("鲁B12345学", "[车牌]"),
    ("沪AD12345", "[车牌]"),
    ("邮箱 li.lei@example.com。", "邮箱 [邮箱]。"),
    ("我叫张三，住3号楼", "我叫[姓名]，住3号楼"),
    ("我叫李建国住在3号楼", "我叫[姓名]住在3号楼"),
    ("姓名:欧阳修", "姓名:[姓名]"),
    ("联系人：王小明", "联系人：[姓名]"),
    ("聯絡人：陳大文 電話 13912345678", "聯絡人：[姓名] 電話 [电话]"),
    ("姓名: Li Lei", "姓名: [姓名]"),
    ("一三八一二三四五六七八", "[号码]"),
    ("1381234567813812345678", "[号码]"),
    ("3号楼2单元501室", "3号楼2单元501室"),
    ("2026-11-22 10:00 至 2026-11-23", "2026-11-22 10:00 至 2026-11-23"),
    ("案号 JX-2026-000001", "案号 JX-2026-000001"),
    ("楼下天天叫卖，很吵", "楼下天天叫卖，很吵"),
    ("拨打12345和110", "拨打12345和110"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "masked"), TABLE)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


WORDS = st.sampled_from(
    [
        "1",
        "3",
        "8",
        "12345678",
        "13812345678",
        "-",
        " ",
        "叫",
        "姓名",
        "：",
        "张",
        "三",
        "京A",
        "X",
        "[电话]",
        "·",
        "０",
        "八",
        "+86",
    ]
)


@given(st.one_of(st.lists(WORDS, max_size=30).map("".join), st.text(max_size=60)))
def test_masking_twice_is_masking_once_and_no_long_number_is_left(text: str) -> None:
    masked = mask_text(text)
    assert mask_text(masked) == masked
    assert not re.search(r"[0-9]{11}", masked)
    assert not re.search(r"1[3-9][0-9] ?[0-9]{4} ?[0-9]{4}(?![0-9])", masked)
