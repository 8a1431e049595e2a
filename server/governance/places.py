"""Points and places: how far from each other, the same building or not, and the shifted coordinates of Chinese maps.

Points are in degrees. WGS-84 is what is stored; GCJ-02 is what maps published in China use, up to 700 m away.
"""

from __future__ import annotations

import math
import re
import unicodedata

from server.governance.script import simplify

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG)."""
_GCJ_AXIS = 6_378_245.0
_GCJ_ECCENTRICITY = 0.00669342162296594323
_PARTS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


def measure_distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two points (latitude, longitude) on the sphere (haversine formula)."""
    south, west, north, east = map(math.radians, (*one, *other))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def find_box(point: tuple[float, float], radius_m: float) -> tuple[float, float, float, float]:
    """Return a box (south, west, north, east) in which everything within a radius of a point lies."""
    latitude, longitude = point
    high = math.degrees(radius_m / EARTH_RADIUS_M)
    narrowest = math.cos(math.radians(min(89.0, abs(latitude) + high)))
    wide = high / narrowest
    return latitude - high, longitude - wide, latitude + high, longitude + wide


def normalise_place(text: str) -> str:
    """Return a place as it is compared: simplified, without spaces and punctuation, in one width and case."""
    return _PARTS.sub("", simplify(unicodedata.normalize("NFKC", text)).lower())


def unshift_point(latitude: float, longitude: float) -> tuple[float, float]:
    """Turn GCJ-02 into WGS-84, to about a centimetre; outside of China both are the same."""
    if not (0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347):
        return latitude, longitude
    found = latitude, longitude
    for _ in range(6):
        there = _shift_point(*found)
        found = found[0] - (there[0] - latitude), found[1] - (there[1] - longitude)
    return found


def _shift_point(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    common = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    radians = math.radians(latitude)
    flattened = 1 - _GCJ_ECCENTRICITY * math.sin(radians) ** 2
    root = math.sqrt(flattened)
    north = math.degrees(north / (_GCJ_AXIS * (1 - _GCJ_ECCENTRICITY) / (flattened * root)))
    east = math.degrees(east / (_GCJ_AXIS / root * math.cos(radians)))
    return latitude + north, longitude + east
