import csv
from datetime import date

import pytest
from sqlalchemy import event

from hwrisk.errors import Refused
from hwrisk.imports import ImportStatus, Outcome, accept, queries, stage
from hwrisk.imports.cells import CellError
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from hwrisk.units.imports import UNITS
from hwrisk.units.imports.template import TEMPLATE
from hwrisk.units.models import IdentityKind, ManagementClass, UnitRole, UnitStatus
from hwrisk.units.queries import UnitConditions, history, unit_rows
from hwrisk.units.seeding import seed

pytestmark = pytest.mark.db

CITY = Viewer.system()
AS_OF = date(2026, 11, 23)
GOOD = "91320700608440872X"
INVENTED = "91320700MA1N23456R"
HEAD = ["单位名称", "统一社会信用代码", "管辖单位"]


@pytest.fixture
def send(database, tmp_path):
    """Stage rows under the given heads; return the batch."""

    def staged(*rows, head=HEAD, user=CITY):
        path = tmp_path / "units.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        return stage(database, UNITS, path, "单位名录.csv", user=user, as_of=AS_OF, folder=folder)

    return staged


@pytest.fixture
def take(database, send):
    """Stage and accept rows; return the closed batch."""

    def taken(*rows, head=HEAD, user=CITY):
        batch = send(*rows, head=head, user=user)
        assert batch.status is ImportStatus.READY, messages(database, batch)
        return accept(database, UNITS, batch.public_id, user=user, as_of=AS_OF)

    return taken


def rows_of(database, batch):
    with database.session() as session:
        return queries.all_rows(session, batch)


def messages(database, batch):
    return [fault["message"] for row in rows_of(database, batch) for fault in row.messages]


def units(session, **conditions):
    return unit_rows(session, CITY, UnitConditions(**conditions), as_of=AS_OF)


class TestNew:
    def test_a_whole_row(self, take, session):
        head = [
            "单位名称", "统一社会信用代码", "管辖单位", "行政区划", "化工园区", "单位类型", "状态", "管理类别", "地址",
            "投运日期", "联系电话", "经度", "生效日期",
        ]  # fmt: skip
        take(
            [
                "灌南试验化工有限公司", GOOD, "灌南分局", "灌南县", "江苏连云港化工产业园区", "经营单位", "停产",
                "重点监管单位", "园区路1号", "2015-06-01", "000-0000-0001", "119.3521", "2024-01-01",
            ],
            head=head,
        )  # fmt: skip
        row = units(session)[0]
        assert (row.name, row.unit.identity_no, row.unit.started_on) == ("灌南试验化工有限公司", GOOD, date(2015, 6, 1))
        version = row.version
        assert (version.office_code, version.admin_code, version.role) == ("LYG-GNX", "320724", UnitRole.OPERATOR)
        assert (version.status, version.class_set) == (UnitStatus.SUSPENDED, ManagementClass.KEY)
        assert (version.longitude, version.valid_from, version.contact_phone) == (
            119.3521, date(2024, 1, 1), "000-0000-0001",
        )  # fmt: skip
        assert row.unit.is_supervised

    @pytest.mark.parametrize("heading", ["企业名称", "名称", "单位 名称*", "单位名称（必填）"])
    def test_listed_synonyms_are_taken(self, take, session, heading):
        take(["甲公司", GOOD, "LYG-XW"], head=[heading, "信用代码", "监管单位"])
        assert [row.name for row in units(session)] == ["甲公司"]

    def test_another_identity_with_its_reason(self, take, session):
        take(
            ["灌云某诊所", "", "灌云局", "医疗机构登记号", "PDY320723001", "个体诊所无信用代码"],
            head=[*HEAD, "其他身份标识种类", "其他身份标识号码", "其他身份标识理由"],
        )
        unit = units(session)[0].unit
        assert (unit.identity_kind, unit.identity_no) == (IdentityKind.MEDICAL, "PDY320723001")

    def test_the_second_site_of_a_legal_person(self, take, session):
        take(["甲公司", GOOD, "LYG-XW", "东路1号"], head=[*HEAD, "地址"])
        take(["甲公司（二厂）", GOOD, "LYG-DH", "西路2号", "是"], head=[*HEAD, "地址", "是否新场所"])
        assert [row.name for row in units(session)] == ["甲公司", "甲公司（二厂）"]

    def test_a_name_known_from_public_sources_is_taken_into_the_register(self, take, session):
        seed(session)
        session.commit()
        take(["江苏斯尔邦石化有限公司", INVENTED, "徐圩新区分局"])
        rows = units(session, text="斯尔邦")
        assert [(r.unit.is_supervised, r.unit.identity_kind, r.unit.identity_no) for r in rows] == [
            (True, IdentityKind.USCC, INVENTED)
        ]


class TestAgain:
    def test_the_same_file_twice_changes_nothing(self, database, send, take, session):
        row = ["甲公司", GOOD, "LYG-XW"]
        take(row)
        batch = send(row)
        assert (batch.unchanged_count, batch.total) == (1, 1)
        accept(database, UNITS, batch.public_id, user=CITY, as_of=AS_OF)
        assert len(history(session, units(session)[0].id)) == 1

    def test_a_change_shows_before_and_after_and_keeps_history(self, database, send, session):
        send_row = ["甲公司", GOOD, "LYG-XW", "东路1号", ""]
        head = [*HEAD, "地址", "生效日期"]
        accept(database, UNITS, send(send_row, head=head).public_id, user=CITY, as_of=AS_OF)
        batch = send(["甲公司", GOOD, "LYG-KFQ", "东路1号", "2026-11-23"], head=head)
        (row,) = rows_of(database, batch)
        assert row.outcome is Outcome.CHANGED
        assert (row.before, row.after) == ({"管辖单位": "徐圩新区分局"}, {"管辖单位": "开发区分局"})
        accept(database, UNITS, batch.public_id, user=CITY, as_of=AS_OF)
        assert units(session)[0].version.office_code == "LYG-KFQ"
        assert len(history(session, units(session)[0].id)) == 2

    def test_blank_cells_change_nothing(self, take, session):
        take(["甲公司", GOOD, "LYG-XW", "东路1号"], head=[*HEAD, "地址"])
        take(["甲公司", GOOD, "LYG-XW", "", "演示-张三"], head=[*HEAD, "地址", "联系人"])
        version = units(session)[0].version
        assert (version.address, version.contact) == ("东路1号", "演示-张三")

    def test_a_new_name_at_the_same_address_is_a_change_of_name(self, database, send, take, session):
        take(["甲公司", GOOD, "LYG-XW", "东路1号"], head=[*HEAD, "地址"])
        batch = send(["乙公司", GOOD, "LYG-XW", "东路1号"], head=[*HEAD, "地址"])
        assert rows_of(database, batch)[0].after == {"单位名称": "乙公司"}

    def test_by_our_own_number(self, take, session, make_unit):
        unit = make_unit("甲公司", office_code="LYG-XW")
        session.commit()
        take([unit.unit_no, "乙公司", "", "LYG-XW"], head=["单位编号", *HEAD])
        assert units(session)[0].name == "乙公司"


class TestRefused:
    def refused(self, database, send, *rows, **more):
        batch = send(*rows, **more)
        assert batch.status is ImportStatus.REFUSED
        return [
            (fault["title"], fault["message"], fault["right"])
            for row in rows_of(database, batch)
            for fault in row.messages
        ]

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            (["甲", "913207006084408721", "LYG-XW"], ("统一社会信用代码", "校验位不对", "逐位核对")),
            (["甲", "", "LYG-XW"], ("统一社会信用代码", "没有统一社会信用代码", "其他身份标识的种类")),
            (["甲", GOOD, "徐于新区分局"], ("管辖单位", "没有叫“徐于新区分局”的管辖单位", "徐圩新区分局")),
            (["", GOOD, "LYG-XW"], ("单位名称", "不能为空", None)),
            (["甲", GOOD, ""], ("管辖单位", "不能为空", None)),
        ],
    )
    def test_each_fault_names_its_column_and_what_would_be_right(self, database, send, row, expected):
        title, sentence, right = expected
        found = self.refused(database, send, row)
        assert len(found) == 1
        assert (found[0][0], sentence in found[0][1]) == (title, True)
        assert right is None or right in found[0][2]

    @pytest.mark.parametrize(
        ("column", "value", "expected"),
        [
            ("行政区划", "灌南镇", ("没有叫“灌南镇”的行政区划", "灌南县")),
            ("化工园区", "柘汪园区", ("没有叫“柘汪园区”的化工园区", "柘汪临港产业区")),
            ("状态", "开工", ("状态中没有“开工”", "在产")),
            ("单位类型", "产废", ("单位类型中没有“产废”", "产废单位")),
            ("投运日期", "2027-01-01", ("不能填未来的日期", None)),
            ("经度", "一百一", ("经度应为十进制度数", "119.3521")),
            ("经度", "1190", ("经度超出范围", None)),
            ("经度", "Infinity", ("经度超出范围", None)),
            ("状态", "关停未清零", ("责任主体", None)),
            ("状态", "关停已清零", ("清零证明文件", None)),
        ],
    )
    def test_faults_of_further_columns(self, database, send, column, value, expected):
        sentence, right = expected
        (found,) = self.refused(database, send, ["甲", GOOD, "LYG-XW", value], head=[*HEAD, column])
        assert sentence in found[1]
        assert right is None or right in found[2]

    def test_the_same_unit_twice_in_a_file(self, database, send):
        (found,) = self.refused(database, send, ["甲", GOOD, "LYG-XW"], ["甲", GOOD, "LYG-DH"])
        assert "与第 2 行是同一个单位" in found[1]

    def test_other_name_and_other_address_is_not_guessed(self, database, send, take):
        take(["甲公司", GOOD, "LYG-XW", "东路1号"], head=[*HEAD, "地址"])
        (found,) = self.refused(database, send, ["乙公司", GOOD, "LYG-XW", "西路9号"], head=[*HEAD, "地址"])
        assert ("看不出是更名还是另一处场所" in found[1], "是否新场所" in found[2]) == (True, True)

    def test_an_unknown_own_number(self, database, send):
        (found,) = self.refused(database, send, ["LYG-2020-000009", "甲", GOOD, "LYG-XW"], head=["单位编号", *HEAD])
        assert "没有编号为“LYG-2020-000009”的单位" in found[1]

    def test_another_identity_without_reason(self, database, send):
        (found,) = self.refused(
            database, send, ["诊所", "", "LYG-XW", "个体户注册号", "3207230001"],
            head=[*HEAD, "其他身份标识种类", "其他身份标识号码"],
        )  # fmt: skip
        assert "须写明理由" in found[1]

    def test_deregistration_is_not_done_by_file(self, database, send, take):
        take(["甲公司", GOOD, "LYG-XW"])
        (found,) = self.refused(database, send, ["甲公司", GOOD, "LYG-XW", "注销"], head=[*HEAD, "状态"])
        assert "在单位页面逐个办理" in found[1]

    def test_a_status_that_cannot_follow(self, database, send, session, make_unit):
        unit = make_unit("甲", status=UnitStatus.MERGED, reason="并入乙公司")
        session.commit()
        (found,) = self.refused(
            database, send, [unit.unit_no, "甲", "", "LYG-XW", "在产"], head=["单位编号", *HEAD, "状态"]
        )
        assert "不能由“并入”直接改为“在产”" in found[1]


class TestScope:
    @pytest.fixture
    def officer(self, viewer):
        return viewer(offices=frozenset({"LYG-DH"}))

    def test_a_county_officer_takes_own_units(self, take, session, officer):
        take(["东海甲公司", GOOD, "东海分局"], user=officer)
        assert units(session)[0].version.office_code == "LYG-DH"

    def test_units_of_another_office_are_refused(self, database, send, officer):
        batch = send(["甲公司", GOOD, "LYG-XW"], user=officer)
        assert "只能导入本管辖单位的单位" in messages(database, batch)[0]

    def test_taking_a_unit_over_is_refused(self, database, send, take, officer):
        take(["甲公司", GOOD, "LYG-XW"])
        batch = send(["甲公司", GOOD, "LYG-DH"], user=officer)
        assert "已由其他管辖单位登记" in messages(database, batch)[0]

    def test_the_class_is_for_the_city_to_set(self, database, send, officer):
        batch = send(["甲公司", GOOD, "LYG-DH", "重点监管"], head=[*HEAD, "管理类别"], user=officer)
        assert "管理类别由市局核定" in messages(database, batch)[0]

    def test_an_enterprise_imports_no_list(self, database, send, viewer):
        batch = send(["甲公司", GOOD, "LYG-DH"], user=viewer(role=Role.ENTERPRISE, units=frozenset({1})))
        assert "只能由市局和驻县（区）局导入" in messages(database, batch)[0]

    def test_without_the_permission_nothing_is_read(self, send, viewer):
        with pytest.raises(Refused):
            send(["甲公司", GOOD, "LYG-DH"], user=viewer(permissions=frozenset({Permission.UNIT_READ})))


class TestStatements:
    def test_checking_asks_the_database_a_fixed_number_of_times(self, session, send):
        statements = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        send(["甲0", GOOD, "LYG-XW"])
        few = len(statements)
        statements.clear()
        send(*(["甲" + str(n), "", "LYG-XW", "个体户注册号", f"32072300{n:04d}", "个体"] for n in range(100)),
             head=[*HEAD, "其他身份标识种类", "其他身份标识号码", "其他身份标识理由"])  # fmt: skip
        assert len(statements) <= few + 2


def test_every_example_of_the_template_is_accepted_by_its_own_column():
    for column in TEMPLATE.columns:
        if column.example:
            try:
                column.parse(column.example, AS_OF)
            except CellError as error:
                raise AssertionError(f"{column.title}: {error.message}") from error
