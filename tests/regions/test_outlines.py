"""Outlines as maps get them: supplied, replaced by the city section, and supplied again; nothing is lost."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select

from hwrisk.audit.models import AuditEntry
from hwrisk.regions.models import RegionOutline
from hwrisk.security import GrantKind, Role

RING = [[119.1, 34.1], [119.3, 34.1], [119.3, 34.3], [119.1, 34.1]]
DISTRICTS = {"320703", "320706", "320707", "320722", "320723", "320724"}


@pytest.fixture
def session(database):
    """The seeded city, where the tests of seeding alone make tables of their own."""
    with database.new_session() as session:
        yield session


def document(code="LYG-XW", name="徐圩新区分局"):
    shape = {"type": "Polygon", "coordinates": [RING]}
    features = [{"type": "Feature", "properties": {"adcode": code, "name": name}, "geometry": shape}]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def upload(client, content, *, source="演示测绘成果", name="界线.geojson"):
    data = {"source": source, "file": (io.BytesIO(content), name)}
    return client.post("/regions/outlines", data=data, content_type="multipart/form-data")


def drawn(client):
    answer = client.get("/regions/outlines.geojson")
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    return {feature["properties"]["adcode"] for feature in json.loads(answer.data)["features"]}


@pytest.mark.db
class TestReplacing:
    def test_the_supplied_ones_draw_every_district(self, sign_in):
        assert drawn(sign_in(Role.ENTERPRISE)) == DISTRICTS

    def test_a_set_takes_their_place_and_can_be_taken_back(self, sign_in, session):
        client = sign_in(Role.CITY)
        assert upload(client, document()).status_code == 302
        assert drawn(client) == {"LYG-XW"}
        page = client.get("/regions/outlines").text
        assert "演示测绘成果" in page
        assert "使用中" in page
        assert "界线：界线.geojson" in client.get("/regions/").text
        assert client.post("/regions/outlines/supplied").status_code == 302
        assert drawn(client) == DISTRICTS
        (kept,) = session.scalars(select(RegionOutline)).all()
        assert kept.superseded_at is not None
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.kind == "region_outline")).all()
        assert list(acts) == ["region.outline"] * 2

    def test_the_latest_of_two_sets_is_drawn(self, sign_in, session):
        client = sign_in(Role.CITY)
        upload(client, document())
        upload(client, document("320723", "灌云县"))
        assert drawn(client) == {"320723"}
        rows = session.scalars(select(RegionOutline).order_by(RegionOutline.id)).all()
        assert [row.superseded_at is None for row in rows] == [False, True]


class TestRefusing:
    @pytest.mark.parametrize(
        ("content", "source", "words"),
        [
            (b"", "甲", "请选择要上传的界线文件"), (b"abc", "甲", "不是 GeoJSON"),
            (document("320723", "灌南县"), "甲", "文件里写的是“灌南县”"), (document(), "", "请填写界线的来源"),
        ],
    )  # fmt: skip
    def test_says_why_on_the_field_and_changes_nothing(self, sign_in, content, source, words):
        client = sign_in(Role.CITY)
        answer = upload(client, content, source=source)
        assert answer.status_code == 422
        assert words in answer.text
        assert drawn(client) == DISTRICTS

    def test_without_a_file_at_all(self, sign_in):
        answer = sign_in(Role.CITY).post("/regions/outlines", data={"source": "甲"})
        assert answer.status_code == 422
        assert "请选择要上传的界线文件" in answer.text

    def test_there_is_nothing_to_take_back(self, sign_in):
        client = sign_in(Role.CITY)
        answer = client.post("/regions/outlines/supplied", follow_redirects=True)
        assert "现在用的就是系统自带的界线" in answer.text

    @pytest.mark.parametrize("role", [Role.COUNTY, Role.PARK, Role.LEADER])
    def test_only_the_city_section_may(self, sign_in, role):
        client = sign_in(role, *([(GrantKind.OFFICE, "LYG-GYX")] if role is Role.COUNTY else []))
        assert upload(client, document()).status_code == 403
        assert "更换地图界线" not in client.get("/regions/").text


def test_the_page_draws_and_tells_the_districts(sign_in):
    page = sign_in(Role.LEADER).get("/regions/").text
    assert 'data-picture="map"' in page
    assert "示意图，不作为划界依据" in page
    assert page.count("灌云县") >= 2
