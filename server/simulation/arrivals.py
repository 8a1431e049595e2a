"""What comes in: matters of residents by several channels, at seeded random moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from server.model import Unit

MATTERS: Mapping[str, Sequence[str]] = {
    "sanitation": ("楼下垃圾桶满了没人清运，味道很大", "绿化带里堆了建筑垃圾"),
    "noise": ("夜里工地施工到十一点多，睡不好觉", "楼下商铺音响声音太大"),
    "illegal_building": ("顶楼住户在公共平台上加盖房子", "一楼院墙往外搭了棚子"),
    "street_trading": ("路口流动摊贩占道经营，车走不了", "店铺把货架摆到人行道上"),
    "public_facility": ("路灯坏了三盏，晚上很黑", "人行道的地砖松动，老人摔过", "井盖响得厉害"),
    "property": ("物业好几天没有打扫楼道", "小区大门门禁坏了一直没修"),
    "utilities": ("自来水压力不足，六楼用不上水", "家里暖气一直不热"),
    "parking": ("消防通道停满了车", "小区停车位不够，车停到草坪上"),
    "elevator": ("想给老楼加装电梯，不知道怎么办理", "电梯一个月坏了三次"),
    "welfare": ("低保材料交上去一个月没有答复", "想问高龄补贴怎么领"),
    "neighbour": ("楼上漏水，两家说不到一起", "邻居在楼道里堆杂物"),
    "safety": ("电动车在楼道里充电，怕着火", "空地上有人存放煤气瓶"),
    "river": ("河边有异味，水面漂着垃圾", "排水口流出黑水"),
    "other": ("想问社区活动室什么时候开放", "公交站牌的时间不对"),
}
WEIGHTS = (8, 5, 2, 4, 8, 7, 6, 6, 2, 4, 5, 3, 2, 2)
CHANNELS = ("web", "phone_12345", "community_desk", "grid")
CHANNEL_WEIGHTS = (5, 3, 2, 2)
RARE = 55
"""So many rare characters make the second half of names that nobody else has."""
REPEATED = 0.06
"""The share of reports about a matter that somebody has reported before."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A matter that somebody reports: when, by which channel, who, and what they say."""

    at: datetime
    channel: str
    reporter: Reporter
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reporter:
    """A resident of the simulation. Name and number are marks: they must be found nowhere but in the vault."""

    name: str
    phone: str
    address: str


def plan_arrivals(
    communities: Sequence[Unit], random: Random, beginning: datetime, days: int, a_day: float
) -> Iterator[Arrival]:
    """Yield the arrivals of so many days in the order of time, about `a_day` each; fewer at night."""
    earlier: list[Mapping[str, object]] = []
    moment, number = beginning, 0
    while True:
        moment += timedelta(days=random.expovariate(a_day))
        if moment >= beginning + timedelta(days=days):
            return
        if moment.hour in range(1, 7):
            continue
        number += 1
        if earlier and random.random() < REPEATED:
            fields = random.choice(earlier[-40:])
        else:
            fields = _describe(random.choice(communities), random)
            earlier.append(fields)
        channel = random.choices(CHANNELS, CHANNEL_WEIGHTS)[0]
        yield Arrival(moment, channel, _make_reporter(number), fields)


def _describe(community: Unit, random: Random) -> dict[str, object]:
    category = random.choices(tuple(MATTERS), WEIGHTS)[0]
    return {
        "matter": random.choice(MATTERS[category]),
        "category": category,
        "place": f"{community.name}{random.randint(1, 30)}号楼",
        "street": community.parent_id,
        "community": community.unit_id,
    }


def _make_reporter(number: int) -> Reporter:
    name = f"欧阳{chr(0x9F10 + number // RARE)}{chr(0x9F4B + number % RARE)}"
    address = f"198.{18 + number % 2}.{number // 250 % 250}.{number % 250}"
    return Reporter(name, f"139{70_000_000 + number}", address)
