"""Pages, tasks and exports of the balance as people meet them."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import event, select

from hwrisk.capacity import jobs, operations, queries, showing
from hwrisk.capacity.models import CapacityRun, RunKind
from hwrisk.jobs import Task, TaskState, run_job, run_task_now
from hwrisk.parks.models import Park
from hwrisk.security import GrantKind, Role
from tests.permits.permit_world import OFFICE, SYSTEM, TODAY, city


@pytest.fixture
def work(session, database):
    """Do the task that was asked for last, as the worker does, and return it."""

    def done() -> Task:
        task = session.scalars(select(Task).order_by(Task.id.desc())).first()
        return run_task_now(database, task.id, jobs.TASK_KINDS)

    return done


@pytest.fixture
def base(session, ledger) -> CapacityRun:
    """The balance of 2025, kept."""
    run = operations.compute_base(session, year=2025, as_of=TODAY, actor=SYSTEM)
    session.commit()
    return run


def exported(client: FlaskClient, report: str, fmt: str, **filters: str) -> BytesIO:
    """The file of a report, as it is downloaded."""
    data = {"format": fmt} | {f"arg.{name}": value for name, value in filters.items()}
    with client.post(f"/exports/{report}", data=data, follow_redirects=True) as answer:
        assert answer.status_code == 200, answer.text
        return BytesIO(answer.data)


def sheet_rows(file: BytesIO) -> list[list[object]]:
    """All rows of the data sheet."""
    return [[cell.value for cell in row] for row in load_workbook(file).worksheets[0].iter_rows()]


def table_of(rows: list[list[object]], first: str) -> tuple[list[object], list[list[object]]]:
    """Head and body of the table whose head begins with `first`."""
    start = next(number for number, row in enumerate(rows) if row and str(row[0]).startswith(first))
    return rows[start], [row for row in rows[start + 1 :] if any(cell is not None for cell in row)]


def pdf_text(file: BytesIO) -> str:
    """The words of a PDF without the breaks between them."""
    return "".join("".join(page.extract_text() for page in PdfReader(file).pages).split())


class TestTasks:
    def test_the_balance_is_computed_by_the_worker(self, session, ledger, sign_in, work) -> None:
        session.commit()
        client = sign_in(Role.CITY)
        assert "还没有测算" in client.get("/capacity/").text
        asked = client.post("/capacity/compute", data={"year": "2025"})
        assert "/tasks/" in asked.location
        assert session.scalars(select(CapacityRun)).all() == []
        task = work()
        assert (task.state, task.error) == (TaskState.DONE, "")
        assert "查看 2025 年能力平衡" in client.get(asked.location).text
        assert "HW08" in client.get(task.result["page"]).text
        # The same inputs once more lead to the same run.
        client.post("/capacity/compute", data={"year": "2025"})
        assert work().result["page"] == task.result["page"]
        assert len(session.scalars(select(CapacityRun)).all()) == 1

    def test_a_year_to_come_is_refused_at_once(self, ledger, session, sign_in) -> None:
        session.commit()
        client = sign_in(Role.CITY)
        for year, said in (("2099", "只能测算"), ("二〇二五", "请填四位数字")):
            assert said in client.post("/capacity/compute", data={"year": year}, follow_redirects=True).text
        assert session.scalars(select(Task)).all() == []

    def test_a_what_if_beside_its_base(self, session, base, sign_in, work) -> None:
        client = sign_in(Role.CITY)
        page = client.get("/capacity/what-if")
        assert "灌云临港产业园区飞灰填埋场" in page.text
        data = {"name": "停运试算", "off": "演示证-市内/L1", "percent": "+20", "project_DP_03": "20000"}
        asked = client.post("/capacity/what-if", data=data)
        assert asked.status_code == 302, asked.text
        task = work()
        assert task.error == ""
        shown = client.get(task.result["page"]).text
        for words in ("停用 演示证-市内/L1", "飞灰填埋场 投运，能力 20,000.0000 吨/年（假设）", "现状", "相差"):
            assert words in shown
        assert "停运试算" in client.get("/capacity/runs").text
        balance = client.get(f"/capacity/?run={task.result['page'].rpartition('/')[2]}").text
        assert "产生和去向仍为台账实际" in balance

    @pytest.mark.parametrize(
        ("data", "said"),
        [({"name": "x", "percent": "很多"}, "不是百分数"), ({"name": "x"}, "情景与现状相同"),
         ({"name": "", "percent": "+1"}, "请给情景起个名字"), ({"name": "x", "percent": "+5000"}, "超出范围"),
         ({"name": "x", "by_category": "HW99:+5"}, "HW99"),
         ({"name": "x", "project_DP_03": "2万吨"}, "写的单位是万吨")],
    )  # fmt: skip
    def test_a_wrong_assumption_is_answered_at_once(self, session, base, sign_in, data, said: str) -> None:
        answer = sign_in(Role.CITY).post("/capacity/what-if", data=data)
        assert (answer.status_code, said in answer.text) == (422, True)
        assert session.scalars(select(Task)).all() == []

    def test_nothing_is_written_while_it_reckons(self, session, ledger) -> None:
        session.commit()
        writes: list[str] = []

        def note(_connection, _cursor, statement: str, *_rest) -> None:
            if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
                writes.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", note)
        try:
            run = operations.reckon_base(session, year=2025, as_of=TODAY)
            assert writes == []
            operations.keep(session, run, actor=SYSTEM)
            assert writes
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def test_the_monthly_job_keeps_one_run(self, session, database, ledger) -> None:
        session.commit()
        (job,) = jobs.JOBS
        assert run_job(database, job, as_of=TODAY).counts == {"computed": 1}
        assert run_job(database, job, as_of=TODAY, force=True).counts == {"computed": 0}
        assert [run.kind for run in session.scalars(select(CapacityRun))] == [RunKind.BASE]


class TestPages:
    def test_every_level_and_filter(self, base, sign_in) -> None:
        client = sign_in(Role.CITY)
        for level in showing.Level:
            assert client.get(f"/capacity/?level={level.value}").status_code == 200
        assert "只对全市的废物类别计算" in client.get("/capacity/?level=office").text
        assert client.get("/capacity/?method=D10&level=nonsense").status_code == 200
        assert "去向不明" in client.get("/capacity/destinations?year=2025").text
        assert client.get("/capacity/?run=00000000-0000-0000-0000-000000000000").status_code == 404
        assert client.get("/capacity/?run=nonsense").status_code == 404

    def test_another_office_has_no_rows_on_page_export_and_map(self, base, sign_in) -> None:
        foreign = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        assert "没有符合条件的数据" in foreign.get("/capacity/").text
        run = foreign.get(f"/capacity/runs/{base.public_id}").text
        assert "灌云生态环境局 →" not in run and '灌云生态环境局</td><td class="long">' not in run
        for report in ("capacity-balance", "capacity-flows", "capacity-destinations"):
            _, body = table_of(sheet_rows(exported(foreign, report, "xlsx", year="2025")), TABLES[report])
            assert [
                row for row in body if row[0] not in {None, "合计"} and str(row[0]).startswith(("HW", "900-"))
            ] == []
        own = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
        page = own.get("/capacity/").text
        assert "HW08" in page and "只列出您管辖单位" in page

    def test_a_park_is_told_why_and_sees_the_lines(self, session, base, sign_in) -> None:
        park = session.scalars(select(Park).order_by(Park.id)).first()
        client = sign_in(Role.PARK, (GrantKind.PARK, park.id))
        page = client.get("/capacity/").text
        assert "不分园区" in page and "各生产线的能力和负荷" in page and "演示许可2有限公司" in page
        assert "能力平衡表" not in page and "HW08" not in page
        assert client.get("/capacity/what-if").status_code == 403
        assert client.post("/capacity/compute", data={"year": "2025"}).status_code == 403

    def test_whose_business_it_is_not(self, base, sign_in) -> None:
        for role in (Role.ENTERPRISE, Role.OPERATOR, Role.COMMAND):
            assert sign_in(role).get("/capacity/").status_code == 403

    def test_statements_do_not_grow_with_rows(self, session, base) -> None:
        def statements(call) -> int:
            seen = []

            def note(*_args) -> None:
                seen.append(1)

            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", note)
            try:
                call()
            finally:
                event.remove(engine, "before_cursor_execute", note)
            return len(seen)

        assert statements(lambda: queries.destinations(session, user=city(), year=2025, as_of=TODAY)) <= 5
        assert statements(lambda: queries.gather(session, year=2025, as_of=TODAY)) <= 12
        assert statements(lambda: showing.balance_rows(base, showing.View(level=showing.Level.FULL))) == 0


TABLES = {"capacity-balance": "类别", "capacity-flows": "废物代码", "capacity-destinations": "接收单位"}


class TestExports:
    def test_the_balance_as_excel(self, base, sign_in) -> None:
        rows = sheet_rows(exported(sign_in(Role.CITY), "capacity-balance", "xlsx", year="2025"))
        words = "".join(str(cell) for row in rows for cell in row if cell is not None)
        assert "2025年危险废物利用处置能力平衡表" in words
        assert "缺口 0.0000 吨" in words and "待核" in words
        head, (line, total, *_) = table_of(rows, "类别")
        assert head[1:7] == [
            "产生（吨）",
            "自行利用处置（吨）",
            "委外合计（吨）",
            "市内（吨）",
            "省内市外（吨）",
            "省外境外（吨）",
        ]
        assert line[0] == "HW08"
        assert line[1:11] == [50, 0, 35, 20, 0, 10, 0, 5, 15, 50]
        assert (line[11], round(line[12], 6), line[13:18]) == (1200, round(20 / 1200, 6), [50, 0, 0, 1150, 1150])
        assert (total[0], total[1:12], total[13:18]) == (
            "合计", [50, 0, 35, 20, 0, 10, 0, 5, 15, 50, 1200], [50, 0, 0, 1150, 1150],
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("level", "titles"),
        [
            ("category", {"类别", "缺口下限（吨）"}),
            ("code", {"废物代码"}),
            ("method", {"类别", "方式"}),
            ("office", {"管辖单位"}),
            ("full", {"类别", "方式", "管辖单位"}),
        ],
    )
    def test_no_column_that_says_nothing(self, base, sign_in, level, titles) -> None:
        rows = sheet_rows(exported(sign_in(Role.CITY), "capacity-balance", "xlsx", year="2025", level=level))
        start = next(number for number, row in enumerate(rows) if "产生（吨）" in row)
        asked = {"类别", "废物代码", "方式", "管辖单位", "缺口下限（吨）"}
        assert (asked & set(rows[start]), rows[start][0] in titles, bool(rows[start + 1][0])) == (titles, True, True)

    def test_a_run_is_chosen_by_its_name(self, base, sign_in) -> None:
        page = sign_in(Role.CITY).get("/exports/").text
        assert f'<option value="{base.public_id}">2025年 {base.name}（截至 2025-12-31）</option>' in page
        assert "测算编号" not in page

    def test_the_balance_as_pdf(self, base, sign_in) -> None:
        text = pdf_text(exported(sign_in(Role.CITY), "capacity-balance", "pdf", year="2025"))
        for words in (
            "2025年危险废物利用处置能力平衡表",
            "HW08",
            "委外需求",
            "转入贮存",
            "50.0000",
            "1,150.0000",
            "待核",
        ):
            assert words in text

    def test_flows_and_destinations(self, base, sign_in) -> None:
        client = sign_in(Role.CITY)
        _, (flow, *_) = table_of(sheet_rows(exported(client, "capacity-flows", "xlsx", year="2025")), "废物代码")
        assert (flow[0], flow[3], flow[5]) == ("900-214-08", "演示许可2有限公司", 50)
        _, body = table_of(sheet_rows(exported(client, "capacity-destinations", "xlsx", year="2025")), "接收单位")
        assert [row[3] for row in body[:3]] == ["去向不明", "市内", "省外"]
        assert [Decimal(str(row[5])) for row in body[:4]] == [5, 20, 10, 35]
        for report, words in (("capacity-flows", "测算流向表"), ("capacity-destinations", "委外去向表")):
            assert words in pdf_text(exported(client, report, "pdf", year="2025"))

    def test_a_what_if_says_so(self, session, base, sign_in) -> None:
        scenario = operations.Scenario(off=("演示证-市内/L1",))
        run = operations.compute_scenario(session, base, scenario, name="停运试算", actor=SYSTEM)
        session.commit()
        rows = sheet_rows(exported(sign_in(Role.CITY), "capacity-balance", "xlsx", run=str(run.public_id)))
        words = "".join(str(cell) for row in rows for cell in row if cell is not None)
        assert "情景：停运试算" in words and "停用 演示证-市内/L1" in words
