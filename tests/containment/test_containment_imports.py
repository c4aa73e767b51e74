"""Imports: every bad input has a sentence of its own, and the same file twice changes nothing."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlalchemy import func, select

from hwrisk.containment.imports import CONNECTIONS, FACILITIES, LEVELS
from hwrisk.containment.models import Connection, Facility, Filing, Reading
from hwrisk.containment.queries.facilities import kinds
from hwrisk.imports import blank_template, run_import
from hwrisk.imports.models import ImportRow
from hwrisk.security import GrantKind, Role, Viewer
from tests.containment.containment_world import TODAY
from tests.people import make_viewer

SYSTEM = Viewer.system()
PARK = "江苏连云港化工产业园区"


@pytest.fixture
def load(database, tmp_path):
    """Import rows given as dicts by heading; return the summary."""

    def of(kind, *rows, user=SYSTEM):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = kind.template.sheet
        heads = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
        path = tmp_path / "file.xlsx"
        book.save(path)
        return run_import(database, kind, path, user=user, as_of=TODAY)

    return of


def facility(**more):
    row = {
        "园区": PARK, "设施编号": "N-1", "设施名称": "新池", "设施类型": "园区公共应急池", "有效容积（m3）": 900,
        "数据来源": "竣工图",
    }  # fmt: skip
    return {**row, **more}


def link(**more):
    row = {"园区": PARK, "连接编号": "L9", "从": "QY-01", "到": "YQ-02", "输送方式": "泵送", "流量（m3/h）": 120}
    return {**row, **more}


def reading(**more):
    return {"园区": PARK, "设施": "YQ-02", "现存量（m3）": 120, "状态": None, "确认日期": "2026-11-20", **more}


def said(summary):
    return "".join(summary.lines())


class TestFacilities:
    def test_new_once_and_unchanged_the_second_time(self, load, database, park_world):
        first = load(FACILITIES, facility())
        assert (first.new, first.refused) == (1, 0), said(first)
        second = load(FACILITIES, facility())
        assert (second.new, second.changed, second.unchanged) == (0, 0, 1)
        third = load(FACILITIES, facility(**{"有效容积（m3）": 950}))
        assert third.changed == 1

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"有效容积（m3）": -5}, "容积不能为负数"),
            ({"有效容积（m3）": "3万方"}, "写的单位是万立方米"),
            ({"有效容积（m3）": "1.2万"}, "写出完整的数字，单位立方米"),
            ({"设施类型": "应急池子"}, "没有叫“应急池子”的设施类型"),
            ({"园区": "江苏连云港化工园"}, "没有叫“江苏连云港化工园”的园区"),
            ({"设施类型": "企业事故应急池"}, "须选择所属企业"),
            ({"设施类型": "提升泵站"}, "没有有效容积"),
            ({"数据来源": None}, "须写明数据来源"),
            ({"所属企业": "不存在的公司"}, "没有叫“不存在的公司”的企业"),
        ],
    )
    def test_bad_input_in_words(self, load, park_world, wrong, sentence):
        summary = load(FACILITIES, facility(**wrong))
        assert summary.refused == 1
        assert sentence in said(summary)

    def test_whoever_is_no_authority_files(self, load, database, park_world):
        operator = make_viewer(database, Role.OPERATOR, [(GrantKind.PARK, park_world.park.id)])
        assert load(FACILITIES, facility(), user=operator).refused == 0
        with database.session() as session:
            assert session.scalar(select(func.count()).where(Facility.facility_no == "N-1")) == 0
            assert session.scalars(select(Filing)).one().values["effective_volume"] == "900.0000"


class TestConnections:
    def test_new_and_unchanged(self, load, database, park_world):
        row = link(中间设备="YQ-01")
        assert load(CONNECTIONS, row).new == 1
        assert load(CONNECTIONS, row).unchanged == 1
        with database.session() as session:
            assert session.scalar(select(func.count()).select_from(Connection)) == 3

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"流量（m3/h）": None}, "没有填流量"),
            ({"流量（m3/h）": -3}, "流量不能为负数"),
            ({"到": "公共应急地"}, "没有编号或名称为“公共应急地”的设施"),
            ({"到": "QY-01"}, "起点和终点是同一个设施"),
            ({"中间设备": "SX-01"}, "中间设备应为闸阀、泵或管线"),
        ],
    )
    def test_bad_input_in_words(self, load, park_world, wrong, sentence):
        summary = load(CONNECTIONS, link(**wrong))
        assert summary.refused == 1
        assert sentence in said(summary)

    def test_an_unknown_facility_offers_near_names(self, load, park_world):
        assert "公共应急池" in said(load(CONNECTIONS, link(到="公共应急地")))


class TestLevels:
    def test_counts_at_once_and_once(self, load, database, park_world):
        assert load(LEVELS, reading()).new == 1
        assert load(LEVELS, reading()).unchanged == 1
        with database.session() as session:
            kept = session.scalars(select(Reading).where(Reading.facility_id == park_world.public.id)).all()
            assert sorted(row.occupied for row in kept) == [100, 120]

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"现存量（m3）": 401}, "现存量超过有效容积 400 立方米"),
            ({"现存量（m3）": -1}, "容积不能为负数"),
            ({"现存量（m3）": None}, "须填现存量"),
            ({"设施": "QY-02"}, "雨水排口切断阀没有存量"),
            ({"设施": "公共池"}, "没有编号或名称为“公共池”的设施"),
        ],
    )
    def test_bad_input_in_words(self, load, park_world, wrong, sentence):
        summary = load(LEVELS, reading(**wrong))
        assert summary.refused == 1
        assert sentence in said(summary)


class TestWhoFiles:
    def test_an_operator_files_for_no_enterprise_of_its_park(self, load, database, park_world):
        w = park_world
        operator = make_viewer(database, Role.OPERATOR, [(GrantKind.PARK, w.park.id)])
        row = facility(设施类型="围堰", 所属企业=w.unit.unit_no)
        summary = load(FACILITIES, row, user=operator)
        assert (summary.is_accepted, "没有叫" in said(summary)) == (False, True)

    def test_a_registered_phone_number_is_masked_in_the_preview(self, load, database, park_world):
        w = park_world
        row = {"园区": PARK, "设施编号": w.public.facility_no, "设施名称": "公共应急池", "设施类型": "园区公共应急池"}
        assert load(FACILITIES, {**row, "值班电话": "000-0000-0001"}).is_accepted
        assert load(FACILITIES, {**row, "值班电话": "000-0000-0001"}).unchanged == 1
        assert load(FACILITIES, {**row, "值班电话": "000-0000-0002"}).changed == 1
        with database.session() as session:
            staged = session.scalars(select(ImportRow).order_by(ImportRow.id.desc()).limit(1)).one()
        assert staged.before["值班电话"] == "000****0001"


def test_the_blank_template_speaks_of_cubic_metres_and_names_every_kind(database):
    book = openpyxl.load_workbook(io.BytesIO(blank_template(FACILITIES)))
    guide = " ".join(str(cell) for row in book["填表说明"].iter_rows(values_only=True) for cell in row if cell)
    rules = [rule.error for rule in book["防控设施"].data_validations.dataValidation]
    assert "一律以吨计" not in guide
    assert "请填写以立方米计的非负数，最多四位小数" in rules
    with database.session() as session:
        assert "、".join(kind.label for kind in kinds(session)) in guide
