"""Pages of the services through the client, as their users meet them."""

import dataclasses
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from flask import url_for

from hwrisk import attachments, audit, clock, notices
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.imports import ImportKind, RowOutcome, Template, text_column, tonnes_column
from hwrisk.jobs import Job, Schedule, enqueue, run_task_now
from hwrisk.jobs.models import Task
from hwrisk.reporting import Column, Report
from hwrisk.search import SearchDoc, SearchSource, index
from hwrisk.security import Permission, Role, Viewer
from hwrisk.security.models import Account
from hwrisk.web import upkeep
from hwrisk.web.records import Figure, HomeFigure, NavItem, Panel, Todo, TodoItem
from hwrisk.web.registry import Registry
from hwrisk.web.work import service_task_kinds
from tests.web.conftest import PASSWORD, csrf, post

CSV = "单位名称,年产生量（t）\n新单位,12.5\n旧单位,３.25\n"
BAD_CSV = "单位名称,年产生量（t）\n新单位,12.5\n坏单位,-1\n"
written = []


def check(_session, _context, row):
    after = {"年产生量": row.values["amount"]}
    before = {"年产生量": Decimal("1.0000")}
    return RowOutcome.of(
        row, exists=row.values["name"] == "旧单位", before=before, after=after, title=row.values["name"]
    )


def apply(_session, _context, rows):
    written.extend(row.payload["name"] for row in rows)
    return {"写入": len(rows)}


def run_job_once(_session, *, as_of):
    if as_of.year == 2025:
        raise RuleViolation("没有这一年的数据")
    return {"指标值": 3}


IMPORTS = ImportKind(
    kind="trial-units",
    label="试验单位",
    permission=Permission.UNIT_EDIT,
    template=Template(
        sheet="单位", version="1", columns=(text_column("name", "单位名称"), tonnes_column("amount", "年产生量（t）"))
    ),
    check=check,
    apply=apply,
)
REPORT = Report(
    id="trial-overdue",
    title="试验清单",
    permission=Permission.STORAGE_READ,
    columns=(
        Column("no", "批次号", lambda row: row[0], kind="code"),
        Column("tonnes", "在库（吨）", lambda row: row[1], kind="tonnes"),
    ),
    rows=lambda _session, request: [(request.filters.get("name", "全部"), Decimal("1.5000"))],
    count=lambda _session, request: int(request.filters.get("many", "1")),
)
JOB = Job(name="trial-job", label="试验核算", schedule=Schedule(hour=6), run=run_job_once)


@pytest.fixture
def registry(database, settings):
    viewer_counts = lambda _session, _user, _day: 7  # noqa: E731
    return Registry(
        database=database,
        settings=settings,
        place="连云港市",
        nav=(NavItem("超期贮存", "trial.form", Permission.STORAGE_READ, "单位与台账", count=viewer_counts),),
        todos=(
            TodoItem("批次已超期", lambda *_: Todo(12, "最早 2024-09-12", "bad", "超期", {"state": "o"}), "trial.form"),
            TodoItem("没有的事", lambda *_: Todo(0), "trial.form"),
        ),
        figures=(
            HomeFigure(
                "处置率",
                lambda *_: Figure(
                    "89.53", "%", "132.5000 / 148.0000 吨", "bad", Fraction(9), Fraction(1), unverified=True
                ),
                "trial.form",
                Permission.INDICATOR_READ,
            ),
        ),
        import_kinds=(IMPORTS,),
        reports=(REPORT,),
        jobs=(JOB,),
        task_kinds=service_task_kinds(settings, import_kinds=(IMPORTS,), reports=(REPORT,)),
        search_sources=(SearchSource(kind="unit", label="单位", rows=lambda _session: []),),
        owners=(
            attachments.Owner(
                kind="unit", label="单位", visible=lambda _s, user, ref: ref == "1", link=lambda _s, ref: None
            ),
        ),
        panels=(
            Panel("unit", "b", "隐藏", 2, Permission.STORAGE_READ, lambda *_: None),
            Panel("unit", "a", "贮存", 1, Permission.STORAGE_READ, lambda *_: ("panel.html", {"words": "<在库>"})),
        ),
    )


def test_home_shows_what_waits_and_hides_what_does_not(login):
    page = login().get("/").text
    assert "批次已超期" in page
    assert 'href="/trial/form?state=o"' in page
    assert "没有的事" not in page
    assert "89.53" in page
    assert "待核" in page
    assert 'width="1000"' in page
    assert "style=" not in page


def test_home_of_an_administrator_has_no_business_on_it(login):
    page = login(Role.SECADMIN).get("/").text
    assert "89.53" not in page
    assert "超期贮存" not in page
    assert "账号" in page


def test_the_menu_marks_where_one_is_and_counts(login):
    page = login().get("/trial/form").text
    assert 'class="on" aria-current="page">超期贮存' in page
    assert '<span class="hw-count">7' in page


def test_a_short_menu_stands_open(login):
    menu = login().get("/").text.partition('<nav class="hw-nav')[2].partition("</nav>")[0]
    assert menu.count("<details") == menu.count("<details open>") > 0


class TestALongMenu:
    @pytest.fixture
    def registry(self, registry):
        """Twenty entries more in a group of their own, and one entry where something waits."""
        more = (
            NavItem("设施报送", "notices.index", Permission.HOME_READ, "园区与应急", count=lambda *_: 4),
            *(NavItem(f"名录{n}", "trial.say", Permission.HOME_READ, "基础数据") for n in range(20)),
        )
        return dataclasses.replace(registry, nav=(*(item for item in registry.nav if not item.count), *more))

    def groups(self, page: str) -> dict[str, bool]:
        found = re.findall(r"<details( open)?>\s*<summary>([^<]+)", page)
        return {label.strip(): bool(is_open) for is_open, label in found}

    def test_opens_what_waits_where_the_page_has_no_group(self, login):
        page = login().get("/").text
        assert self.groups(page) == {"园区与应急": True, "导入与导出": False, "基础数据": False, "系统管理": False}

    def test_opens_the_group_of_the_page_alone_and_says_what_waits_in_the_others(self, login):
        page = login().get("/imports/").text
        assert self.groups(page) == {"园区与应急": False, "导入与导出": True, "基础数据": False, "系统管理": False}
        assert '园区与应急<span class="hw-count">4' in page


class TestImports:
    def upload(self, client, text, name="u.csv"):
        data = {"file": (io.BytesIO(text.encode()), name), "csrf_token": csrf(client, "/")}
        return client.post("/imports/trial-units", data=data)

    def test_a_good_file_is_previewed_and_written_whole(self, login, client):
        login()
        written.clear()
        preview = self.upload(client, CSV).location
        page = client.get(preview).text
        assert "旧单位" in page
        assert "1.0000</del> → " in page
        assert "3.2500" in page
        assert not written
        assert post(client, f"{preview}/accept").location == preview
        assert written == ["新单位", "旧单位"]
        assert "已导入：新增 1 行，变更 1 行" in client.get(preview).text
        assert "已导入" in client.get("/imports/").text

    def test_a_bad_row_keeps_the_whole_file_out(self, login, client):
        login()
        written.clear()
        preview = self.upload(client, BAD_CSV).location
        assert "数量不能为负数" in client.get(f"{preview}?outcome=refused").text
        post(client, f"{preview}/accept")
        assert not written
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{preview}/errors").data))
        assert any("数量不能为负数" in str(cell.value) for row in book.worksheets[0] for cell in row)
        post(client, f"{preview}/recheck")
        assert post(client, f"{preview}/discard").location == "/imports/"
        assert "已放弃" in client.get(preview).text

    @pytest.mark.parametrize(
        ("text", "name"), [("", "u.csv"), ("单位名称\n", "u.csv"), ("PK\x03\x04", "u.xlsx"), (CSV, "u.exe"), (CSV, "")]
    )
    def test_a_file_that_is_none_is_refused_at_the_field(self, login, client, settings, text, name):
        login()
        answer = self.upload(client, text, name)
        assert answer.status_code == 422
        assert 'id="file-error"' in answer.text
        assert not list((settings.home / "imports").glob("*.incoming"))

    def test_a_large_file_is_checked_by_the_worker(self, login, client, registry, monkeypatch):
        monkeypatch.setattr("hwrisk.web.pages.imports.INLINE_BYTES", 10)
        login()
        task_page = self.upload(client, CSV).location
        assert "hx-trigger" in client.get(task_page).text
        assert 'class="hw-count">1' in client.get("/tasks/").text
        with registry.database.session() as session:
            task_id = session.query(Task).one().id
        done = run_task_now(registry.database, task_id, registry.task_kinds)
        assert done.error == ""
        page = client.get(task_page).text
        assert "查看预览" in page
        assert "every 1s" not in page
        preview = f"/imports/batches/{done.result['import_batch']}"
        monkeypatch.setattr(type(registry.settings), "inline_task_rows", 1, raising=False)
        object.__setattr__(registry.settings, "inline_task_rows", 1)
        written.clear()
        assert post(client, f"{preview}/accept").location.startswith("/tasks/")
        assert run_task_now(registry.database, task_id + 1, registry.task_kinds).error == ""
        assert written == ["新单位", "旧单位"]

    def test_a_task_of_a_bad_file_says_so_and_keeps_nothing(self, login, client, registry, settings, monkeypatch):
        monkeypatch.setattr("hwrisk.web.pages.imports.INLINE_BYTES", 1)
        login()
        task_page = self.upload(client, "nonsense\n").location
        with registry.database.session() as session:
            task_id = session.query(Task).one().id
        assert run_task_now(registry.database, task_id, registry.task_kinds).error
        assert "失败" in client.get(task_page).text
        assert not list((settings.home / "imports").glob("*.incoming"))

    def test_the_template_is_a_workbook_with_the_headings(self, login):
        answer = login().get("/imports/trial-units/template")
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        assert [cell.value for cell in book["单位"][1]] == ["单位名称", "年产生量（t）"]

    def test_nobody_sees_somebody_elses(self, login, client):
        login(Role.ENTERPRISE, "ent")
        preview = self.upload(client, CSV).location
        login(Role.ENTERPRISE, "other")
        assert client.get(preview).status_code == 404
        assert post(client, f"{preview}/accept").status_code == 404
        login(Role.PARK, "park")
        assert client.get("/imports/trial-units").status_code == 404
        login(Role.LEADER, "leader")
        assert client.get("/imports/").status_code == 403


class TestExports:
    def test_a_small_report_is_made_at_once_and_registered(self, login, client):
        login()
        answer = post(client, "/exports/trial-overdue", format="xlsx", **{"arg.name": "废盐"})
        assert answer.status_code == 303
        file = client.get(answer.location)
        book = openpyxl.load_workbook(io.BytesIO(file.data))
        assert any(cell.value == "废盐" for row in book.worksheets[0] for cell in row)
        assert "filename*=UTF-8''" in file.headers["Content-Disposition"]
        page = client.get("/exports/").text
        assert "试验清单" in page
        checked = client.post(
            "/verify/", data={"file": (io.BytesIO(file.data), "x.xlsx"), "csrf_token": csrf(client, "/")}
        )
        assert "本系统导出，未改动" in checked.text
        file.close()

    def test_a_large_one_is_left_to_the_worker(self, login, client, registry):
        login()
        task_page = post(client, "/exports/trial-overdue", format="xlsx", **{"arg.many": "1000000"}).location
        assert task_page.startswith("/tasks/")
        assert post(client, f"{task_page}/cancel").location == task_page
        assert "已取消" in client.get(task_page).text

    def test_its_task_gives_the_file(self, login, client, registry):
        login()
        with registry.database.unit_of_work() as session:
            person = session.query(Account).one()
            user = Viewer(account_id=person.id, label=person.label, role=person.role)
            params = {"report": REPORT.id, "format": "xlsx", "as_of": "2026-11-23", "filters": {}}
            task = enqueue(session, "export", params, actor=user)
        done = run_task_now(registry.database, task.id, registry.task_kinds)
        assert done.error == ""
        assert f"/exports/files/{done.result['export']}" in client.get(f"/tasks/{task.public_id}").text

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ({"format": "docx"}, 422), ({}, 422), ({"format": "xlsx", "as_of": "2999-01-01"}, 422),
            ({"format": "xlsx", "as_of": "x"}, 422),
        ],
    )  # fmt: skip
    def test_what_cannot_be_made_is_refused(self, login, client, sent, status):
        login()
        assert post(client, "/exports/trial-overdue", **sent).status_code == status

    def test_a_report_out_of_sight_is_not_found(self, login, client):
        login(Role.OPERATOR)
        assert post(client, "/exports/trial-overdue", format="xlsx").status_code == 404

    def test_nobody_downloads_somebody_elses(self, login, client):
        login(Role.ENTERPRISE, "ent")
        location = post(client, "/exports/trial-overdue", format="xlsx").location
        login(Role.ENTERPRISE, "other")
        assert client.get(location).status_code == 404

    @pytest.mark.parametrize(
        ("number", "code", "said"),
        [
            ("", "", "请选择文件"), ("x", "y", "36 位"), ("0" * 36, "y", "36 位"),
            ("01900000-0000-7000-8000-000000000000", "ABCD", "登记簿中没有"),
            ("hwrisk-export:01900000-0000-7000-8000-000000000000:ABCDEFGHJKLM", "", "登记簿中没有"),
        ],
    )  # fmt: skip
    def test_a_print_out_is_checked_by_number_and_code(self, login, client, number, code, said):
        login()
        assert said in post(client, "/verify/", number=number, code=code).text


class TestJobs:
    def test_a_job_is_run_by_hand_once(self, login, client, database):
        login()
        assert "试验核算" in client.get("/jobs/").text
        assert post(client, "/jobs/trial-job/run").location == "/jobs/trial-job"
        assert "运行成功" in client.get("/jobs/trial-job").text
        post(client, "/jobs/trial-job/run")
        assert "已运行过" in client.get("/jobs/trial-job").text
        post(client, "/jobs/trial-job/run", force="y")
        post(client, "/jobs/trial-job/run", as_of="2025-01-01")
        page = client.get("/jobs/trial-job").text
        assert "没有这一年的数据" in page
        assert "指标值 3" in page
        with database.session() as session:
            acts = [entry.action for entry in audit.entries(session, kind="job")]
        assert acts == ["job.run"] * 4

    def test_no_day_of_the_future_and_no_unknown_job(self, login, client):
        login()
        assert post(client, "/jobs/trial-job/run", as_of="2027-01-01").status_code == 422
        assert client.get("/jobs/nothing").status_code == 404
        login(Role.COUNTY, "county")
        assert client.get("/jobs/").status_code == 403


class TestAccounts:
    def test_the_security_administrator_opens_grants_and_closes(self, login, client):
        login(Role.SECADMIN)
        answer = post(
            client, "/accounts/new", username="li", display_name="演示-李四", role="county", department="灌云局"
        )
        assert answer.status_code == 200
        assert 'class="one-time"' in answer.text
        page = client.get("/accounts/?text=李四").text
        address = page.split('<td><a href="')[1].split('"')[0]
        assert post(client, "/accounts/new", username="li", display_name="x", role="county").status_code == 422
        granted = post(client, f"{address}/grants", kind="office", ref="320723", valid_from="2026-01-01")
        assert granted.location == address
        assert "320723" in client.get(address).text
        wrong = post(client, f"{address}/grants", kind="office", ref="", valid_from="2026-01-01")
        assert wrong.status_code == 422
        assert "请选择管辖单位" in wrong.text
        assert post(client, f"{address}/grants", kind="unit", ref="1", valid_from="2026-01-01").status_code == 422
        grant = client.get(address).text.split("/grants/")[1].split("/")[0]
        assert post(client, f"{address}/grants/{grant}/revoke").location == address
        assert post(client, f"{address}/grants/{'9' * 30}/revoke").status_code == 404
        assert 'class="one-time"' in post(client, f"{address}/reset").text
        assert post(client, f"{address}/disable").location == address
        assert "已停用" in client.get(address).text
        post(client, f"{address}/enable")
        post(client, f"{address}/unlock")
        assert "待改初始密码" in client.get(address).text

    def test_a_county_branch_sees_its_own_people_alone(self, login, client, account, database):
        account(Role.COUNTY, "mine", office="320723")
        account(Role.COUNTY, "theirs", office="320724")
        boss = account(Role.COUNTY, "boss", office="320723", password=PASSWORD)
        post(client, "/login", username="boss", password=PASSWORD)
        page = client.get("/accounts/").text
        assert "mine" in page
        assert "theirs" not in page
        with database.session() as session:
            theirs = session.query(Account).filter_by(username="theirs").one().public_id
            mine = session.query(Account).filter_by(username="mine").one().public_id
            own = session.get_one(Account, boss).public_id
        assert client.get(f"/accounts/{theirs}").status_code == 404
        assert post(client, f"/accounts/{theirs}/reset").status_code == 404
        assert post(client, f"/accounts/{own}/reset").status_code == 403
        assert 'class="one-time"' in post(client, f"/accounts/{mine}/reset").text
        assert client.get("/accounts/new").status_code == 403


def test_notices_are_read_one_by_one_or_all(login, client, database):
    login()
    with database.unit_of_work() as session:
        for n in range(60):
            notices.notify(session, key=f"k{n}", title=f"灌云局第 {n} 条", link="/jobs/", to_role=Role.CITY)
    page = client.get("/notices/").text
    assert "第 59 条" in page
    assert "第 9 条" not in page
    older = page.split('href="/notices/?before=')[1].split('"')[0]
    assert "第 9 条" in client.get(f"/notices/?before={older}").text
    first = page.split('action="/notices/')[2].split("/")[0]
    assert post(client, f"/notices/{first}/read").location == "/jobs/"
    assert post(client, "/notices/read").location == "/notices/"
    assert "没有消息" in client.get("/notices/?unread=1").text
    for odd in ("x", "-1", "9" * 40, "0"):
        assert client.get(f"/notices/?before={odd}").status_code == 200


def test_search_finds_by_two_characters_and_suggests(login, client, database):
    login()
    with database.unit_of_work() as session:
        index(session, [SearchDoc(kind="unit", ref="1", title="连云港演示化工有限公司", link="/trial/form")])
        index(session, [SearchDoc(kind="unit", ref="2", title="别处公司", link="/trial/form", office_code="320724")])
    assert "连云港演示化工有限公司" in client.get("/search/?q=化工").text
    assert "连云港演示化工有限公司" in client.get("/search/suggest?q=lygys", headers={"HX-Request": "true"}).text
    assert "没有找到" in client.get("/search/?q=无此单位").text
    assert client.get("/search/?q=%00&kind=nonsense").status_code == 200
    login(Role.COUNTY, "county")
    assert "别处公司" not in client.get("/search/suggest?q=别处").text


def test_the_audit_trail_can_be_narrowed(login, client):
    login()
    post(client, "/jobs/trial-job/run")
    assert "job.run" in client.get("/audit/?action=job.run&since=2026-11-23&until=2026-11-23").text
    assert "没有符合条件" in client.get("/audit/?until=2026-11-22").text
    for odd in ("actor=x", "actor=-1", "before=x", "since=x", f"actor={'9' * 30}"):
        assert client.get(f"/audit/?{odd}").status_code == 200


def test_an_attachment_is_given_to_whoever_sees_its_owner(login, client, database, settings):
    login()
    content = b"%PDF-1.4\n%%EOF\n"
    stored = attachments.store(
        io.BytesIO(content), file_name="批复.pdf", directory=settings.attachments_dir, max_bytes=10_000
    )
    with database.unit_of_work() as session:
        seen = attachments.attach(session, stored, owner_kind="unit", owner_id=1, actor=Viewer.system())
        hidden = attachments.attach(session, stored, owner_kind="unit", owner_id=2, actor=Viewer.system())
    answer = client.get(f"/attachments/{seen.public_id}")
    assert answer.data == content
    assert "sandbox" in answer.headers["Content-Security-Policy"] or "inline" in answer.headers["Content-Disposition"]
    answer.close()
    assert client.get(f"/attachments/{hidden.public_id}").status_code == 404


def test_panels_are_drawn_in_order_and_escaped(app, client, login, database):
    login()
    from hwrisk import web

    with app.test_request_context("/"):
        from flask import g, render_template_string

        g.viewer = Viewer.system()
        panels = web.panels_for("unit", 1, as_of=date(2026, 11, 23))
        assert [panel.key for panel in panels] == ["a"]
        assert "&lt;在库&gt;" in render_template_string("{{ panel.body }}", panel=panels[0])
        assert url_for("home.index") == "/"


def test_housekeeping_removes_what_was_kept_long_enough(login, client, database, settings, registry):
    login()
    post(client, "/drafts/trial", name="x")
    TestImports().upload(client, CSV)
    (settings.home / "imports" / "0.incoming").touch()
    run = {retention.name: retention.run for retention in upkeep.service_retentions(settings)}
    clock.pin(now() + timedelta(days=800))
    day = clock.today()
    with database.unit_of_work() as session:
        removed = {name: retention(session, as_of=day) for name, retention in run.items()}
    assert {removed[name] for name in ("draft", "import", "sign_in")} == {1}
    assert set(removed) >= {"draft", "import", "incoming", "sign_in", "notice", "export", "attachment", "task"}
