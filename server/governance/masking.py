"""What identifies people in free text, found and masked: telephone, identity card and bank numbers, plates, names.

A mask says what stood there, such as `[电话]`, and nothing of it. More is masked rather than less: any run of eleven or
more digits goes, whatever it is. Sources: domain.md §9.2 rule 5; GB 11643 (identity numbers), GA 36 (plates).
"""

from __future__ import annotations

import re
from itertools import chain

PHONE, ID_CARD, BANK_CARD, PLATE, MAIL, NAME, NUMBER = (
    "[电话]",
    "[证件号]",
    "[银行卡]",
    "[车牌]",
    "[邮箱]",
    "[姓名]",
    "[号码]",
)

_WIDE = str.maketrans(
    {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {"Ｘ": "X", "ｘ": "x", "＋": "+", "－": "-"}
)
_LONGEST_RUN = 11
_GAP = r"[ \-–—.·]?"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白"
    "邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包"
    "宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆农司卓古吉缪简"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭蔣葉蘇魏呂盧譚陸範賈韋鄒龍賀顧龔萬錢嚴湯龐顏倪莊聶魯關蘭寧紀單塗盧駱藍"
)
_COMPOUND = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|歐陽|司馬|諸葛"
_AFTER_NAME = (
    "住在是的和与与及跟说,，。;；、:：家有也又就都要想把被从对电手身联系户我他她你了这那今昨去到来聯係說這對電從來們们"
)
_GIVEN = rf"[\u4e00-\u9fff](?:[\u4e00-\u9fff](?<![{_AFTER_NAME}]))?"
_LABEL = (
    r"(?:姓\s?名|名\s?字|联系人|联络人|聯繫人|聯絡人|报告人|反映人|投诉人|举报人|户主)"
    r"\s?(?:是|为|為|叫)?\s?[:：]?\s?"
)
_CALLED = r"(?:叫做|叫作|叫|姓名是|名为|名為)\s?"

_DIGITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (MAIL, re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    (ID_CARD, re.compile(rf"(?<!\d)[1-9]\d{{5}}{_GAP}(?:19|20)\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])")),
    (ID_CARD, re.compile(r"(?<!\d)[1-9]\d{14}(?!\d)")),
    (BANK_CARD, re.compile(rf"(?<!\d)[3-6]\d{{3}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?(?!\d)")),
    (PHONE, re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")),
    (PHONE, re.compile(r"(?<!\d)(?:\(0\d{2,3}\)|（0\d{2,3}）|0\d{2,3})[ \-–—]?[2-9]\d{6,7}(?!\d)")),
    (PHONE, re.compile(r"(?<!\d)[48]00[ \-]?\d{3,4}[ \-]?\d{3,4}(?!\d)")),
    (
        PHONE,
        re.compile(
            r"(?:(?<=电话)|(?<=座机)|(?<=手机)|(?<=電話)|(?<=手機))(?:号码|是|为|號碼)?\s?[:：]?\s?\d{7,8}(?!\d)"
        ),
    ),
    (NUMBER, re.compile(rf"\d{{{_LONGEST_RUN},}}[Xx]?")),
    (NUMBER, re.compile(rf"[零〇一二三四五六七八九幺两]{{{_LONGEST_RUN},}}")),
    (
        PLATE,
        re.compile(
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇贛晉陝閩貴粵寧瓊雲]"
            r"[A-HJ-NP-Za-hj-np-z][ ·•.\-]?[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![A-Za-z0-9])"
        ),
    ),
)
_NAMES: tuple[re.Pattern[str], ...] = (
    re.compile(rf"{_LABEL}(?P<name>(?:{_COMPOUND}|[{_SURNAMES}]){_GIVEN}|[A-Z][A-Za-z]+(?:[ .·][A-Z][A-Za-z]*)*)"),
    re.compile(r"(?:姓\s?名|联系人|聯繫人|聯絡人)\s?[:：]\s?(?P<name>[\u4e00-\u9fff·]{2,4})"),
    re.compile(rf"{_CALLED}(?P<name>(?:{_COMPOUND}|[{_SURNAMES}]){_GIVEN})"),
)


def mask_text(text: str) -> str:
    """Return a text with a mask for everything in it that identifies somebody; masking once more changes nothing."""
    masked = _mask_once(text)
    while masked != text:
        text, masked = masked, _mask_once(masked)
    return text


def _mask_once(text: str) -> str:
    plain = text.translate(_WIDE)
    spans = [(found.start(), found.end(), mask) for mask, pattern in _DIGITS for found in pattern.finditer(plain)]
    names = chain.from_iterable(pattern.finditer(plain) for pattern in _NAMES)
    spans += [(*found.span("name"), NAME) for found in names]
    parts, end = [], 0
    for start, stop, mask in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end:
            parts += [text[end:start], mask]
        end = max(end, stop)
    return "".join([*parts, text[end:]])
