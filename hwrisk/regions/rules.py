"""What a file of outlines (界线文件, GeoJSON) must be before it replaces the one in use."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hwrisk.errors import BadFile

MAX_BYTES = 5 * 1024 * 1024
MAX_POSITIONS = 200_000
SMALLEST_RING = 4
"""Positions of a closed ring: a triangle whose last position repeats the first."""
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
"""Degrees between which the country lies; what lies outside is another system or has its axes swapped."""
SYSTEMS = ("4490", "4326", "CRS84")
"""CGCS2000, and WGS 84, which differs from it by less than a line's width."""
LONGEST_NUMBER = 24
"""Characters of a coordinate that a message shows."""
CODE_NAMES = ("adcode", "code", "区划代码", "代码")
TITLE_NAMES = ("name", "名称")


class Outlines(NamedTuple):
    """Outlines that may be drawn."""

    collection: dict[str, Any]
    """A GeoJSON FeatureCollection whose features carry `adcode` and `name` alone."""
    codes: tuple[str, ...]
    positions: int


def read_outlines(content: bytes, *, names: Mapping[str, str]) -> Outlines:
    """Return the outlines of a GeoJSON file, each matched to a region by its code; `names`: region names by code.

    Raises:
        BadFile: too large, no GeoJSON of polygons in degrees of CGCS2000, or a code or name that is not a region's.
    """
    document = _parsed(content)
    _check_system(document)
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list) or not features:
        raise BadFile("文件不是要素集合（FeatureCollection），或其中没有要素；请在制图软件里导出为 GeoJSON 后重新上传")
    found: dict[str, dict[str, Any]] = {}
    positions = 0
    for number, feature in enumerate(features, start=1):
        code, made, count = _outline(feature, number, names)
        if code in found:
            raise BadFile(f"第 {number} 个要素的代码 {code} 重复，一个区域只能有一个要素，请合并为 MultiPolygon")
        found[code] = made
        positions += count
        if positions > MAX_POSITIONS:
            raise BadFile(f"界线的坐标点超过 {MAX_POSITIONS:,} 个，请简化后重新上传")
    return Outlines({"type": "FeatureCollection", "features": list(found.values())}, tuple(found), positions)


def _parsed(content: bytes) -> dict[str, Any]:
    if not content.strip():
        raise BadFile("请选择要上传的界线文件")
    if len(content) > MAX_BYTES:
        raise BadFile(f"界线文件超过 {MAX_BYTES // 1024 // 1024} MB，请简化后重新上传")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as failure:
        raise BadFile(
            "文件不是 GeoJSON（UTF-8 编码的 JSON 文本），请在制图软件里导出为 GeoJSON 后重新上传"
        ) from failure
    if not isinstance(document, dict):
        raise BadFile("文件不是要素集合（FeatureCollection），请在制图软件里导出为 GeoJSON 后重新上传")
    return document


def _check_system(document: dict[str, Any]) -> None:
    system = document.get("crs")
    # Without a statement GeoJSON is in degrees; one that is there must say a system we draw.
    said = system.get("properties") if isinstance(system, dict) else None
    name = str(said.get("name", "")) if isinstance(said, dict) else ""
    if system is not None and not name.endswith(SYSTEMS):
        raise BadFile(f"坐标系“{name[:60] or '未写明'}”不能使用，请转换为 2000 国家大地坐标系（EPSG:4490）经纬度")


def _outline(feature: Any, number: int, names: Mapping[str, str]) -> tuple[str, dict[str, Any], int]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise BadFile(f"第 {number} 个要素没有属性，应有区域代码 adcode 和名称 name")
    code = _text(feature["properties"], CODE_NAMES)
    if code not in names:
        known = "、".join(f"{name}（{code}）" for code, name in list(names.items())[:12])
        raise BadFile(f"第 {number} 个要素的代码“{code[:20] or '空'}”不是本系统的区域，可用的有：{known}")
    title = _text(feature["properties"], TITLE_NAMES)
    if title and title != names[code]:
        raise BadFile(f"第 {number} 个要素代码 {code} 是“{names[code]}”，文件里写的是“{title[:30]}”，请核对后重新上传")
    polygons = _polygons(feature.get("geometry"), names[code])
    count = sum(len(ring) for polygon in polygons for ring in polygon)
    made = {
        "type": "Feature",
        "properties": {"adcode": code, "name": names[code]},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }
    return code, made, count


def _text(properties: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    given = next((properties[key] for key in keys if properties.get(key) not in (None, "")), "")
    return str(given).strip()


def _polygons(geometry: Any, name: str) -> list[list[list[list[float]]]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise BadFile(f"“{name}”的图形不是面（Polygon 或 MultiPolygon），请导出面状界线")
    given = geometry.get("coordinates")
    polygons = [given] if kind == "Polygon" else given
    made = [[_ring(ring, name) for ring in _listed(polygon, name)] for polygon in _listed(polygons, name)]
    if not made or not all(made):
        raise BadFile(f"“{name}”的图形是空的，请核对后重新上传")
    return made


def _ring(ring: Any, name: str) -> list[list[float]]:
    positions = [list(_position(position, name)) for position in _listed(ring, name)]
    if len(positions) < SMALLEST_RING or positions[0] != positions[-1]:
        raise BadFile(f"“{name}”的界线没有闭合，首尾坐标应当相同")
    return positions


def _listed(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadFile(f"“{name}”的坐标写法不符合 GeoJSON，请在制图软件里重新导出")
    return value


def _position(position: Any, name: str) -> Iterator[float]:
    numbers = position[:2] if isinstance(position, list) else []
    if len(numbers) < 2 or not all(_is_number(value) for value in numbers):
        raise BadFile(f"“{name}”的坐标写法不符合 GeoJSON，请在制图软件里重新导出")
    longitude, latitude = numbers
    if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
        east, north = str(longitude)[:LONGEST_NUMBER], str(latitude)[:LONGEST_NUMBER]
        raise BadFile(f"“{name}”的坐标（{east}，{north}）{_why_outside(longitude, latitude)}")
    yield from (float(longitude), float(latitude))


def _is_number(value: Any) -> bool:
    # A whole number of a thousand digits is finite, but no float holds it.
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and math.isfinite(value)
    )


def _why_outside(longitude: float, latitude: float) -> str:
    if WEST <= latitude <= EAST and SOUTH <= longitude <= NORTH:
        return "经度和纬度颠倒了，应当经度在前、纬度在后"
    if abs(longitude) > 360 or abs(latitude) > 360:
        return "是以米计的平面坐标，请转换为 2000 国家大地坐标系（EPSG:4490）经纬度"
    return "不在国内经纬度范围，请核对坐标系"
