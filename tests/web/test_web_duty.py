"""The duty roster as people keep it, and the own PIN."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from hwrisk.audit.models import AuditEntry
from hwrisk.clock import local, now
from hwrisk.security import Role, Viewer
from hwrisk.security import operations as security
from hwrisk.security.models import Account, DutyPost, DutyRoster
from hwrisk.security.queries import on_duty
from hwrisk.web.pages import duty
from tests.web.conftest import PASSWORD, post

HOUR = timedelta(hours=1)


@pytest.fixture
def place(account, database) -> DutyPost:
    """A duty post with its own account."""
    device = account(Role.DUTY, "zhibanshi")
    with database.unit_of_work() as session:
        mine = session.get_one(Account, device)
        return security.create_post(session, name="演示值班室", account=mine, actor=Viewer.system())


@pytest.fixture
def officer(account, database) -> Account:
    """Somebody who may stand, without a PIN."""
    person = account(Role.COMMAND, "zhao")
    with database.session() as session:
        return session.get_one(Account, person)


@pytest.fixture
def other_post(account, officer, database) -> tuple[DutyPost, DutyRoster]:
    """Another post, and a shift there that has not begun."""
    device = account(Role.DUTY, "biechu")
    with database.unit_of_work() as session:
        mine, person = session.get_one(Account, device), session.get_one(Account, officer.id)
        made = security.create_post(session, name="别处值班室", account=mine, actor=Viewer.system())
        return made, security.put_on_roster(
            session, made, person, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR, actor=Viewer.system()
        )


def sent(officer, begin, end, **more):
    """Return what the form sends for a shift from `begin` (None: now) to `end` hours from now."""
    first, last = local(now() + (begin or 0) * HOUR), local(now() + end * HOUR)
    start = {} if begin is None else {"starts_on": f"{first:%Y-%m-%d}", "starts_at": f"{first:%H:%M}"}
    return {
        "person": str(officer.public_id), "ends_on": f"{last:%Y-%m-%d}", "ends_at": f"{last:%H:%M}", **start, **more,
    }  # fmt: skip


class TestRoster:
    def test_a_shift_is_entered_and_cancelled_and_stays_on_record(self, login, client, place, officer, database):
        login(Role.CITY)
        url = f"/duty/{place.public_id}"
        assert "现在无人当班" in client.get("/duty/").text and "现在无人当班" in client.get(url).text
        assert post(client, f"{url}/shifts", **sent(officer, None, 8)).status_code == 302
        assert post(client, f"{url}/shifts", **sent(officer, 9, 12, times=2, every_days=1)).status_code == 302
        with database.session() as session:
            shifts = session.scalars(select(DutyRoster).order_by(DutyRoster.starts_at)).all()
            assert [row.account.username for row in on_duty(session, place, now())] == ["zhao"]
        assert len(shifts) == 3
        page = client.get(url).text
        assert page.count("未设值班口令") >= 3 and "当班" in page
        # What has begun stands; what has not may go.
        begun = post(client, f"{url}/shifts/{shifts[0].id}/cancel")
        assert begun.status_code == 302 and "已经开始，不能取消" in client.get(url).text
        assert post(client, f"{url}/shifts/{shifts[1].id}/cancel").status_code == 302
        page = client.get(url).text
        assert "已取消" in page.split('id="past"')[1]
        with database.session() as session:
            actions = session.scalars(select(AuditEntry.action).where(AuditEntry.kind == "duty_post")).all()
        assert sorted(actions) == ["duty.cancel", "duty.post", *["duty.roster"] * 3]

    @pytest.mark.parametrize(
        ("hours", "said"),
        [
            ((3, 2), "下班时间必须晚于上班时间"),
            ((-9, -8), "已经过去"),
            ((-1, 3), "上班时间不填"),
            ((1, 4), "之间已排班"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, login, place, officer, hours, said):
        client = login(Role.COMMAND, "qian")
        url = f"/duty/{place.public_id}/shifts"
        post(client, url, **sent(officer, 2, 6))
        answer = post(client, url, **sent(officer, *hours))
        assert answer.status_code == 422 and said in answer.text

    def test_an_empty_form_says_what_is_missing(self, login, client, place, officer):
        login(Role.CITY)
        answer = post(client, f"/duty/{place.public_id}/shifts", person="", ends_at="", times="0")
        assert answer.status_code == 422
        for words in ("请选择当班人员", "请填写下班时刻", "请填 1 至 31 的整数"):
            assert words in answer.text

    @pytest.mark.parametrize(
        ("form", "period"),
        [
            # The clock of the tests stands at 10:00 on 23 November 2026.
            ({"ends_at": "20:00"}, [(23, 10), (23, 20)]),
            ({"ends_at": "8:00"}, [(23, 10), (24, 8)]),
            ({"starts_at": "20：00", "ends_at": "08:00"}, [(23, 20), (24, 8)]),
            ({"starts_on": "2026.11.25", "starts_at": "08:00", "ends_at": "08:00"}, [(25, 8), (26, 8)]),
        ],
    )
    def test_days_that_go_without_saying_may_be_left_out(self, login, place, officer, form, period):
        client = login(Role.CITY)
        sent = {"person": str(officer.public_id), **form}
        assert post(client, f"/duty/{place.public_id}/shifts", **sent).status_code == 302
        with client.application.extensions["hwrisk"].database.session() as session:
            shift = session.scalars(select(DutyRoster)).one()
        found = [(local(each).day, local(each).hour) for each in (shift.starts_at, shift.ends_at)]
        assert found == period

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"starts_on": "2026-11-25", "ends_at": "08:00"}, "请填写上班时刻"),
            ({"starts_at": "25:00", "ends_at": "08:00"}, "时刻写成"),
            ({"ends_at": "八点"}, "时刻写成"),
        ],
    )
    def test_what_is_no_time_is_said(self, login, place, officer, form, said):
        answer = post(login(Role.CITY), f"/duty/{place.public_id}/shifts", person=str(officer.public_id), **form)
        assert answer.status_code == 422 and said in answer.text

    def test_a_shift_of_another_post_is_not_found(self, login, place, other_post):
        other, shift = other_post
        client = login(Role.SECADMIN)
        assert post(client, f"/duty/{place.public_id}/shifts/{shift.id}/cancel").status_code == 404
        assert post(client, f"/duty/{place.public_id}/shifts/{10**30}/cancel").status_code == 404
        assert post(client, f"/duty/{other.public_id}/shifts/{shift.id}/cancel").status_code == 302

    def test_a_post_reads_its_own_roster_alone(self, client, place, account, database):
        device = account(Role.DUTY, "biechu")
        with database.unit_of_work() as session:
            mine = session.get_one(Account, device)
            other = security.create_post(session, name="别处值班室", account=mine, actor=Viewer.system())
            token = security.open_session(session, mine, at=now())
        with client.session_transaction() as cookie:
            cookie["token"] = token
        page = client.get("/duty/").text
        assert "别处值班室" in page and "演示值班室" not in page
        assert client.get(f"/duty/{other.public_id}").status_code == 200
        assert client.get(f"/duty/{place.public_id}").status_code == 404
        assert "排班</button>" not in client.get(f"/duty/{other.public_id}").text
        assert post(client, f"/duty/{other.public_id}/shifts").status_code == 403
        assert client.get("/pin").status_code == 403

    @pytest.mark.parametrize("role", [Role.COUNTY, Role.ENTERPRISE, Role.LEADER, Role.AUDADMIN])
    def test_others_have_no_such_page(self, login, client, place, role):
        login(role)
        assert client.get("/duty/").status_code == 403
        assert client.get(f"/duty/{place.public_id}").status_code == 403
        assert "值班表" not in client.get("/").text

    def test_the_security_administrator_sets_up_a_post(self, login, client, account, database):
        login(Role.SECADMIN)
        assert "没有可用的账号" in client.get("/duty/new").text
        device = account(Role.DUTY, "zhibanshi")
        with database.session() as session:
            number = str(session.get_one(Account, device).public_id)
        assert post(client, "/duty/new", name=" ", account=number).status_code == 422
        answer = post(client, "/duty/new", name="演示值班室", account=number)
        assert answer.status_code == 302
        assert "演示值班室" in client.get(answer.headers["Location"]).text
        login(Role.CITY, "lisi")
        assert client.get("/duty/new").status_code == 403

    def test_past_shifts_are_turned_page_by_page(self, login, client, place, officer, database):
        with database.unit_of_work() as session:
            person = session.get_one(Account, officer.id)
            for number in range(25):
                begin = now() - (number + 2) * 24 * HOUR
                security.put_on_roster(
                    session, place, person, starts_at=begin, ends_at=begin + HOUR, actor=Viewer.system()
                )
        login(Role.CITY)
        page = client.get(f"/duty/{place.public_id}", headers={"HX-Request": "true"}).text
        assert page.count("已结束") == 20 and "<h1" not in page and "下一页" in page


class TestTodos:
    def test_an_unmanned_post_waits_for_who_keeps_it(self, place, officer, database):
        todo = duty.TODOS[0].count
        user = Viewer(account_id=1, label="演示", role=Role.COMMAND)
        with database.unit_of_work() as session:
            bare = todo(session, user, now().date())
            person = session.get_one(Account, officer.id)
            common = {"post": place, "person": person, "actor": Viewer.system()}
            security.put_on_roster(session, **common, starts_at=now() - HOUR, ends_at=now() + 5 * HOUR)
            soon = todo(session, user, now().date())
            security.put_on_roster(session, **common, starts_at=now() + 5 * HOUR, ends_at=now() + 24 * HOUR)
            whole = todo(session, user, now().date())
        assert [(each.count, each.state, each.state_label) for each in (bare, soon)] == [
            (1, "bad", "现在无人"), (1, "warn", "24小时内"),
        ]  # fmt: skip
        assert "演示值班室" in bare.note and f"{local(now() + 5 * HOUR):%H:%M}" in soon.note
        assert whole.count == 0

    def test_who_is_on_without_a_pin_is_told(self, place, officer, database):
        todo = duty.TODOS[1].count
        user = Viewer(account_id=officer.id, label="演示", role=Role.COMMAND)
        with database.unit_of_work() as session:
            person = session.get_one(Account, officer.id)
            assert todo(session, user, now().date()).count == 0
            security.put_on_roster(
                session, place, person, starts_at=now() + HOUR, ends_at=now() + 5 * HOUR, actor=Viewer.system()
            )
            waiting = todo(session, user, now().date())
            security.set_pin(session, person, "739154", actor=Viewer.system())
            assert todo(session, user, now().date()).count == 0
        assert (waiting.count, waiting.state) == (1, "bad")


class TestPin:
    def test_a_person_sets_the_own_pin(self, client, account, database):
        person = account(Role.COMMAND, "zhao", password=PASSWORD)
        with database.unit_of_work() as session:
            token = security.open_session(session, session.get_one(Account, person), at=now())
        with client.session_transaction() as cookie:
            cookie["token"] = token
        assert "尚未设置" in client.get("/pin").text
        form = {"password": PASSWORD, "pin": "739154", "again": "739154"}
        for changes, said in (
            ({"again": "739155"}, "不一致"),
            ({"pin": "123456", "again": "123456"}, "过于简单"),
            ({"pin": "7391", "again": "7391"}, "6 位数字"),
            ({"password": "Wrong-Pass9"}, "登录密码不正确"),
        ):
            answer = post(client, "/pin", **(form | changes))
            assert answer.status_code == 422 and said in answer.text, said
        answer = post(client, "/pin", **form)
        assert answer.status_code == 302
        assert "739154" not in client.get("/").text
        assert "已设置" in client.get("/pin").text
        with database.session() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "account.pin")).one()
        assert "739154" not in str(entry.summary)

    def test_the_menu_of_the_name_leads_there(self, login, client):
        assert 'href="/pin"' in login(Role.COMMAND).get("/").text
        assert 'href="/pin"' not in login(Role.SECADMIN, "wang").get("/").text
