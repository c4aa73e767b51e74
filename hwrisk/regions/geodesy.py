"""Distances over the ellipsoid, the same for every room: the nearest depot, the way of waste to a plant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from math import asin, atan, cos, radians, sin, sqrt, tan
from typing import NamedTuple

from hwrisk.errors import RuleViolation

RADIUS_KM = 6378.137
FLATTENING = 1 / 298.257222101
"""Of CGCS2000; WGS 84 differs by less than a tenth of a millimetre."""
_PAIR = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?) ?[,，] ?([0-9]{1,3}(?:\.[0-9]+)?)")


class Point(NamedTuple):
    """A place on the ground in degrees."""

    longitude: float
    latitude: float


def distance_km(a: Point, b: Point) -> float:
    """Return the distance between two points in kilometres by Lambert's formula, good to some metres in 1,000 km."""
    return distances_from(a)(b.longitude, b.latitude)


def metres_between(a: Point, b: Point) -> int:
    """Return the straight distance between two points in whole metres (估算: a way by road is longer)."""
    return round(distance_km(a, b) * 1000)


def distances_from(origin: Point) -> Callable[[float, float], float]:
    """Return the function from longitude and latitude to the distance from `origin`; for many places at once."""
    longitude, u1 = radians(origin.longitude), _reduced(radians(origin.latitude))
    cos_u1 = cos(u1)

    def distance(to_longitude: float, to_latitude: float) -> float:
        u2 = _reduced(radians(to_latitude))
        # Reduced latitudes take the flattening into account; the rest is a great circle with a small correction.
        half = sin((u2 - u1) / 2) ** 2 + cos_u1 * cos(u2) * sin((radians(to_longitude) - longitude) / 2) ** 2
        if half <= 0:
            return 0.0
        angle = 2 * asin(min(1.0, sqrt(half)))
        p, q = (u1 + u2) / 2, (u2 - u1) / 2
        chord = sin(angle)
        x = (angle - chord) * (sin(p) * cos(q) / cos(angle / 2)) ** 2
        y = (angle + chord) * (cos(p) * sin(q)) ** 2 / half
        return RADIUS_KM * (angle - FLATTENING / 2 * (x + y))

    return distance


def _reduced(latitude: float) -> float:
    return atan((1 - FLATTENING) * tan(latitude))


def parse_point(text: str, *, field: str = "") -> Point | None:
    """Return the point that `text` names as `119.3,34.6` (longitude first), or None where it is no pair of numbers.

    Raises:
        RuleViolation: the numbers lie outside China's degrees, as when latitude is written first; it names `field`.
    """
    found = _PAIR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    longitude, latitude = float(found[1]), float(found[2])
    if not (73 <= longitude <= 136 and 3 <= latitude <= 54):
        raise RuleViolation(f"坐标“{text.strip()[:30]}”超出范围，请按“经度,纬度”填写，如 119.3,34.6", field=field)
    return Point(longitude, latitude)
