from datetime import date
from html.parser import HTMLParser

import pytest

from hwrisk.security import GrantKind, Role
from hwrisk.units import queries
from hwrisk.units.models import IdentityKind, ManagementClass, UnitStatus
from hwrisk.units.seeding import seed
from hwrisk.web import Panel, Registry
from hwrisk.web.records import Objection
from hwrisk.web.registry import EXTENSION

GOOD = "91320700608440872X"
UNMATCHED = ["text=没有", "office=LYG-DH", "differs=1", "as_of=2019-12-31", "park=LYG-P-ZWLG"]
DONGHAI = (GrantKind.OFFICE, "LYG-DH")


@pytest.fixture
def plant(session, make_unit):
    """A unit under 徐圩新区分局, committed."""
    unit = make_unit("连云港试验化工有限公司", address="港前大道1号", contact="演示-张三")
    session.commit()
    return unit


def path(unit, *more):
    return "/".join(["/units", str(unit.public_id), *more])


def text_of(answer):
    class Words(HTMLParser):
        def __init__(self):
            super().__init__()
            self.words = []

        def handle_data(self, data):
            self.words.append(data.strip())

    parser = Words()
    parser.feed(answer.text)
    return " ".join(filter(None, parser.words))


CHANGE = {
    "name": "连云港试验化工有限公司", "office_code": "LYG-XW", "admin_code": "", "park": "", "role": "generator",
    "status": "operating", "class_set": "", "from_day": "2026-06-01", "reason": "核实",
    "address": "港前大道1号", "contact": "演示-张三",
}  # fmt: skip


def stamp(client, unit):
    page = client.get(path(unit, "edit")).text
    return page.partition('name="version" type="hidden" value="')[2].partition('"')[0]


class TestList:
    def test_units_in_sight_with_their_number(self, sign_in, session, make_unit):
        make_unit("徐圩化工厂")
        make_unit("东海石英厂", office_code="LYG-DH")
        session.commit()
        page = text_of(sign_in(Role.CITY).get("/units/"))
        assert "徐圩化工厂" in page and "东海石英厂" in page and "共 2 家" in page
        county = text_of(sign_in(Role.COUNTY, DONGHAI).get("/units/"))
        assert "东海石英厂" in county and "徐圩化工厂" not in county and "共 1 家" in county

    @pytest.mark.parametrize(
        "query",
        [
            "text=xwhgc", "text=%E5%8C%96%E5%B7%A5", "office=LYG-XW", "status=operating", "role=generator",
            "supervised=yes", "pasted=LYG-2026-000001%0A徐圩化工厂", "class=key", "as_of=2026-11-01", "admin=-",
        ],
    )  # fmt: skip
    def test_each_filter_finds_it(self, sign_in, session, make_unit, query):
        make_unit("徐圩化工厂", class_computed=ManagementClass.KEY)
        session.commit()
        assert "徐圩化工厂" in text_of(sign_in().get(f"/units/?{query}"))

    @pytest.mark.parametrize(
        "query", ["text=没有", "office=LYG-DH", "differs=1", "as_of=2019-12-31", "park=LYG-P-ZWLG"]
    )
    def test_each_filter_leaves_it_out(self, sign_in, plant, query):
        page = text_of(sign_in().get(f"/units/?{query}"))
        assert plant.unit_no not in page

    def test_what_is_not_understood_does_not_act_and_is_said(self, sign_in, plant):
        page = text_of(sign_in().get("/units/?status=开工&office=%00&cursor=%ff&as_of=31.31.2026"))
        assert "无效，未起作用" in page and plant.unit_no in page

    def test_htmx_gets_the_rows_alone(self, sign_in, plant):
        answer = sign_in().get("/units/", headers={"HX-Request": "true"})
        assert plant.unit_no in answer.text and "<html" not in answer.text
        assert "HX-Request" in answer.headers["Vary"]

    def test_columns_are_chosen(self, sign_in, plant):
        page = sign_in().get("/units/?cols=address&cols=identity").text
        heads = page.partition("<thead>")[2].partition("</thead>")[0]
        assert "地址" in heads and "身份标识" in heads and "管理类别" not in heads

    def test_pages_follow_one_another(self, sign_in, session, make_unit):
        for number in range(60):
            make_unit(f"第{number:02d}号厂")
        session.commit()
        client = sign_in()
        first = client.get("/units/").text
        link = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        second = text_of(client.get(link))
        assert "第00号厂" in first and "第59号厂" not in first
        assert "第59号厂" in second and "第00号厂" not in second

    def test_an_empty_register_says_what_to_do(self, sign_in):
        assert "还没有单位" in text_of(sign_in().get("/units/"))


class TestByRegion:
    def test_both_partitions_add_up_to_the_list(self, sign_in, session, make_unit):
        make_unit("甲", admin_code="320722", office_code="LYG-DH")
        make_unit("乙", admin_code=None, office_code=None)
        session.commit()
        page = text_of(sign_in().get("/units/by-region"))
        assert page.count("合计 2") == 2 and "待定 1" in page


class TestShow:
    def test_what_a_unit_is(self, sign_in, plant):
        page = text_of(sign_in().get(path(plant)))
        assert "徐圩新区分局" in page and "港前大道1号" in page and "在产" in page and plant.unit_no in page

    @pytest.mark.parametrize("role", [Role.CITY, Role.ENFORCEMENT, Role.LEADER])
    def test_a_whole_number_is_for_those_who_call(self, sign_in, session, make_unit, role):
        unit = make_unit("演示电话厂", contact_phone="000-0000-0009")
        session.commit()
        said = sign_in(role, *([] if role is Role.CITY else [(GrantKind.CITY, "")])).get(path(unit)).text
        assert ("000-0000-0009" in said, "000*********9" in said) == (role is Role.CITY, role is not Role.CITY)

    def test_out_of_sight_is_not_found(self, sign_in, plant):
        for way in ((), ("edit",), ("facts",)):
            assert sign_in(Role.COUNTY, DONGHAI).get(path(plant, *way)).status_code == 404
        assert sign_in(Role.COUNTY, DONGHAI).post(path(plant, "supervise")).status_code == 404

    def test_published_sources_stand_with_trust(self, sign_in, session):
        seed(session)
        session.commit()
        found = queries.unit_rows(session, _city(), queries.UnitConditions(text="中节能"), as_of=date(2026, 11, 23))
        page = text_of(sign_in().get(path(found[0].unit)))
        assert "公开资料，未纳入监管名录" in page and "二手" in page and "焚烧15000吨/年" in page

    def test_upper_rooms_show_their_panels(self, app, sign_in, plant):
        panel = Panel("unit", "trial", "试验分栏", 1, _permission(), lambda *_: ("units/_parts.html", {}))
        _add(app, panels=(panel,))
        assert "试验分栏" in text_of(sign_in().get(path(plant)))


class TestChange:
    def test_a_change_from_a_day_on_keeps_the_former_state(self, sign_in, session, plant):
        client = sign_in()
        data = CHANGE | {"status": "suspended", "version": stamp(client, plant)}
        answer = client.post(path(plant, "edit"), data=data, follow_redirects=True)
        assert "原来的情形留在沿革中" in text_of(answer)
        session.expire_all()
        on = {
            day: queries.version_on(session, plant.id, as_of=day).status
            for day in (date(2026, 5, 31), date(2026, 6, 1))
        }
        assert list(on.values()) == [UnitStatus.OPERATING, UnitStatus.SUSPENDED]
        assert queries.version_on(session, plant.id, as_of=date(2026, 6, 1)).address == "港前大道1号"

    def test_what_the_rules_refuse_is_said_at_its_field(self, sign_in, plant):
        client = sign_in()
        data = CHANGE | {"status": "closed_uncleared", "version": stamp(client, plant)}
        answer = client.post(path(plant, "edit"), data=data)
        assert answer.status_code == 422 and "责任主体（企业、管理人" in text_of(answer)

    def test_an_upper_room_objects_to_striking(self, app, sign_in, plant):
        _add(app, objections=(Objection("unit", "clear", lambda *_: "台账仍有贮存量 3.0000 吨"),))
        client = sign_in()
        data = CHANGE | {"status": "deregistered", "version": stamp(client, plant)}
        answer = client.post(path(plant, "edit"), data=data)
        assert answer.status_code == 422 and "台账仍有贮存量 3.0000 吨" in text_of(answer)

    def test_somebody_else_was_quicker(self, sign_in, plant):
        client = sign_in()
        seen = stamp(client, plant)
        client.post(path(plant, "edit"), data=CHANGE | {"name": "甲", "version": seen})
        answer = client.post(path(plant, "edit"), data=CHANGE | {"name": "乙", "version": seen})
        assert answer.status_code == 409 and "甲" in text_of(answer) and "乙" in text_of(answer)
        cells = answer.text.split("<tbody>")[1].split("</tbody>")[0]
        assert "operating" not in cells and "generator" not in cells and "LYG-" not in cells
        assert "在产" in cells and "产废单位" in cells

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("from_day", "2026-11-24", "不能填未来的日期"),
            ("from_day", "", "请填写生效日期"),
            ("reason", "", "请写明理由"),
            ("longitude", "1e400", "经度超出范围"),
            ("latitude", "九十", "纬度应为十进制度数"),
            ("name", "x" * 201, "最多 200 个字"),
        ],
    )
    def test_malformed_fields(self, sign_in, plant, field, value, sentence):
        client = sign_in()
        answer = client.post(path(plant, "edit"), data=CHANGE | {"version": stamp(client, plant), field: value})
        assert answer.status_code == 422 and sentence in text_of(answer)

    def test_a_county_branch_neither_gives_units_away_nor_sets_the_class(self, sign_in, session, make_unit):
        unit = make_unit("东海厂", office_code="LYG-DH")
        session.commit()
        client = sign_in(Role.COUNTY, DONGHAI)
        data = CHANGE | {"name": "东海厂", "class_set": "key", "class_reason": "自定", "version": stamp(client, unit)}
        assert client.post(path(unit, "edit"), data=data).status_code == 422
        client.post(path(unit, "edit"), data=data | {"office_code": "LYG-DH"})
        session.expire_all()
        version = queries.version_on(session, unit.id, as_of=date(2026, 11, 23))
        assert (version.office_code, version.class_set) == ("LYG-DH", None)

    def test_an_enterprise_keeps_up_its_contact_alone(self, sign_in, session, plant):
        client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, plant.id))
        page = client.get(path(plant, "edit"))
        assert "更新联系方式" in text_of(page) and 'name="office_code"' not in page.text
        data = {"contact": "演示-李四", "contact_phone": "000-0000-0002", "status": "deregistered"}
        client.post(path(plant, "edit"), data=data | {"version": stamp(client, plant)})
        session.expire_all()
        version = queries.version_on(session, plant.id, as_of=date(2026, 11, 23))
        assert (version.contact, version.status) == ("演示-李四", UnitStatus.OPERATING)
        assert client.get("/units/new").status_code == 302


class TestNew:
    DATA = CHANGE | {
        "identity_kind": "uscc", "identity_no": GOOD, "valid_from": "2026-01-01", "started_on": "2015-06-01",
    }  # fmt: skip

    def test_a_unit_is_registered(self, sign_in, session):
        answer = sign_in().post("/units/new", data=self.DATA, follow_redirects=True)
        assert "已登记，单位编号 LYG-2026-000001" in text_of(answer)
        rows = queries.units_known_as(session, [GOOD], as_of=date(2026, 11, 23))
        assert rows[0].unit.started_on == date(2015, 6, 1)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"identity_no": "913207006084408721"}, "校验位不对"),
            ({"identity_no": ""}, "没有统一社会信用代码"),
            ({"identity_kind": "medical", "identity_no": "PDY1234"}, "须写明理由"),
            ({"name": ""}, "请填写单位名称"),
            ({"office_code": ""}, "请选择管辖单位"),
            ({"class_set": "key"}, "核定管理类别的，须写明理由"),
        ],
    )
    def test_faults_are_said_and_nothing_is_saved(self, sign_in, session, changes, sentence):
        answer = sign_in().post("/units/new", data=self.DATA | changes)
        assert answer.status_code == 422 and sentence in text_of(answer)
        assert queries.count_units(session, _city(), queries.UnitConditions(), as_of=date(2026, 11, 23)) == 0


class TestFacts:
    def test_a_public_name_gets_its_identity_and_then_enters_the_register(self, sign_in, session, make_unit):
        unit = make_unit("公开名称厂", is_supervised=False)
        session.commit()
        client = sign_in()
        sent = client.post(path(unit, "supervise"), follow_redirects=True)
        assert "请先补充身份标识" in text_of(sent)
        data = {"identity_kind": "uscc", "identity_no": GOOD, "industry_code": "2614"}
        client.post(path(unit, "facts"), data=data)
        client.post(path(unit, "supervise"))
        session.expire_all()
        session.refresh(unit)
        assert (unit.identity_kind, unit.identity_no, unit.is_supervised) == (IdentityKind.USCC, GOOD, True)


class TestExport:
    def test_the_list_as_it_is_filtered(self, sign_in, session, make_unit):
        import io

        import openpyxl

        make_unit("徐圩化工厂")
        make_unit("东海石英厂", office_code="LYG-DH")
        session.commit()
        client = sign_in()
        answer = client.post("/exports/units", data={"format": "xlsx", "arg.office": "LYG-DH"}, follow_redirects=True)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        answer.close()
        cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
        assert "东海石英厂" in cells and "徐圩化工厂" not in cells
        assert any("筛选：管辖单位：东海生态环境局" in str(cell) for cell in cells)


def _city():
    from hwrisk.security.viewer import Viewer

    return Viewer.system()


def _permission():
    from hwrisk.security import Permission

    return Permission.UNIT_READ


def _add(app, **fields):
    import dataclasses

    registry: Registry = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = dataclasses.replace(registry, **fields)
