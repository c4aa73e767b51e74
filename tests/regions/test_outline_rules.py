"""Outlines are taken only where a map could be drawn with them; every refusal says what is wrong and what to do."""

from __future__ import annotations

import json

import pytest

from hwrisk.errors import BadFile
from hwrisk.regions.rules import MAX_BYTES, MAX_POSITIONS, read_outlines

NAMES = {"320723": "灌云县", "320724": "灌南县"}
RING = [[119.1, 34.1], [119.3, 34.1], [119.3, 34.3], [119.1, 34.1]]


def feature(code="320723", name="灌云县", geometry=None):
    shape = geometry or {"type": "Polygon", "coordinates": [RING]}
    return {"type": "Feature", "properties": {"adcode": code, "name": name}, "geometry": shape}


def content(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def polygon(*positions):
    return feature(geometry={"type": "Polygon", "coordinates": [list(positions)]})


class TestWhatIsTaken:
    def test_features_are_matched_by_code_and_carry_nothing_else(self):
        given = feature()
        given["properties"]["owner"] = "某人"
        read = read_outlines(content(given, feature(320724, "")), names=NAMES)
        assert read.codes == ("320723", "320724")
        assert read.positions == 8
        first = read.collection["features"][0]
        assert first["properties"] == {"adcode": "320723", "name": "灌云县"}
        assert first["geometry"] == {"type": "MultiPolygon", "coordinates": [[RING]]}

    @pytest.mark.parametrize("system", ["urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"])
    def test_degrees_of_cgcs2000_and_wgs84(self, system):
        given = content(feature(), crs={"type": "name", "properties": {"name": system}})
        assert read_outlines(given, names=NAMES).codes == ("320723",)

    def test_heights_and_a_mark_of_byte_order_do_not_matter(self):
        ring = [[*position, 3.5] for position in RING]
        given = b"\xef\xbb\xbf" + content(polygon(*ring))
        assert read_outlines(given, names=NAMES).collection["features"][0]["geometry"]["coordinates"] == [[RING]]


REFUSED = [
    (b"", "请选择"),
    (b"PK\x03\x04", "不是 GeoJSON"),
    (b"[1]", "不是要素集合"),
    (b"[" * 100_000, "不是 GeoJSON"),
    (b"{}", "不是要素集合"),
    (content(), "没有要素"),
    (b" " * MAX_BYTES + b"{}", "超过 5 MB"),
    (content({"type": "Feature"}), "没有属性"),
    (content(feature("320101")), "320101.*灌云县（320723）"),
    (content(feature("", "")), "“空”不是"),
    (content(feature(name="灌南县")), "代码 320723 是“灌云县”.*“灌南县”"),
    (content(feature(), feature()), "320723 重复"),
    (content(feature(geometry={"type": "Point", "coordinates": [119, 34]})), "不是面"),
    (content(feature(geometry={"type": "Polygon", "coordinates": []})), "空的"),
    (content(feature(geometry={"type": "Polygon", "coordinates": "abc"})), "写法不符合"),
    (content(polygon(*RING[:3])), "没有闭合"),
    (content(polygon(*RING[:3], [119.0, 34.0])), "没有闭合"),
    (content(polygon([119.1], *RING[1:])), "写法不符合"),
    (content(polygon([True, 34.1], *RING[1:])), "写法不符合"),
    (content(polygon([float("nan"), 34.1], *RING[1:])), "写法不符合"),
    (content(polygon(*([y, x] for x, y in RING))), "颠倒"),
    (content(polygon(*([x * 333_000, y * 110_000] for x, y in RING))), "平面坐标"),
    (content(polygon(*([x - 119, y] for x, y in RING))), "不在国内"),
    (
        content(feature(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}),
        "EPSG::4547.*4490",
    ),
    (content(feature(), crs={"type": "name"}), "未写明"),
]


class TestWhatIsRefused:
    @pytest.mark.parametrize(("given", "words"), REFUSED)
    def test_in_one_plain_sentence(self, given, words):
        with pytest.raises(BadFile, match=words):
            read_outlines(given, names=NAMES)

    def test_too_many_positions(self):
        ring = [[119.1, 34.1]] * (MAX_POSITIONS + 1)
        given = content(polygon(*ring)).replace(b" ", b"")
        with pytest.raises(BadFile, match="简化"):
            read_outlines(given, names=NAMES)
