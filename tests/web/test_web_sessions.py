"""Signing in, staying in, being let out; what each may open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hwrisk import clock
from hwrisk.clock import now
from hwrisk.security import Role, Viewer
from hwrisk.security import operations as security
from hwrisk.security.models import Account, WebSession
from hwrisk.web.access import safe_next
from tests.web.conftest import PASSWORD, csrf, post


def test_a_stranger_is_sent_to_the_login_page_and_back(client, account):
    account(password=PASSWORD)
    answer = client.get("/notices/?unread=1")
    assert (answer.status_code, answer.location) == (302, "/login?next=/notices/?unread%3D1")
    answer = post(client, answer.location, username="zhangsan", password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/notices/?unread=1")
    assert client.get("/notices/").status_code == 200


def test_htmx_is_told_to_leave_for_the_login_page(client):
    answer = client.get(
        "/search/suggest?q=x", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/jobs/"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/jobs/"


@pytest.mark.parametrize("address", ["http://[bad", "//[::1", "\\\\x", "http://elsewhere.example/jobs/"])
def test_a_header_that_is_no_address_of_ours_leads_nowhere(client, address):
    answer = client.get("/search/suggest?q=x", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
    assert client.post("/notices/read", headers={"Referer": address}).location == "/login"


def test_a_wrong_password_stays_on_the_page(client, account):
    account(password=PASSWORD)
    answer = post(client, "/login", username="zhangsan", password="falsch")
    assert answer.status_code == 422
    assert "用户名或密码不正确" in answer.text


def test_the_cookie_is_kept_from_scripts_and_foreign_sites(client, account):
    account(password=PASSWORD)
    answer = post(client, "/login", username="zhangsan", password=PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PASSWORD not in cookie


def test_a_copied_cookie_is_worthless_after_logging_out(client, login, app):
    login()
    stolen = client.get_cookie("hwrisk_session").value
    assert post(client, "/logout").location == "/login"
    thief = app.test_client()
    thief.set_cookie("hwrisk_session", stolen)
    assert thief.get("/").location == "/login?next=/"


def test_a_new_sign_in_has_a_new_csrf_token(client, account):
    account(password=PASSWORD)
    old = csrf(client)
    post(client, "/login", username="zhangsan", password=PASSWORD)
    answer = client.post("/notices/read", data={"csrf_token": old})
    assert answer.status_code == 400
    assert "未保存" in answer.text


def test_posting_without_a_token_is_refused(login):
    answer = login().post("/notices/read")
    assert answer.status_code == 400


def test_a_disabled_account_is_out_at_the_next_request(client, login, database):
    login()
    with database.unit_of_work() as session:
        person = session.scalars(select(Account)).one()
        security.disable_account(session, person, actor=Viewer.system(), at=now())
    assert client.get("/").status_code == 302


def test_an_unused_sign_in_ends(client, login):
    login()
    clock.pin(now() + timedelta(hours=13))
    assert client.get("/").status_code == 302


def test_a_one_time_password_opens_nothing_but_its_change(client, database):
    with database.unit_of_work() as session:
        made = security.create_account(
            session, username="lisi", display_name="演示-李四", role=Role.COUNTY, actor=Viewer.system(), at=now()
        )
        one_time = security.reset_password(session, made, actor=Viewer.system(), at=now())
    post(client, "/login", username="lisi", password=one_time)
    assert client.get("/").location == "/password"
    page = client.get("/password")
    assert "一次性密码" in page.text
    token = csrf(client, "/password")
    answer = client.post("/password", data={"csrf_token": token, "old": one_time, "new": PASSWORD, "again": "x"})
    assert answer.status_code == 422
    assert "两次输入的新密码不一致" in answer.text
    answer = client.post("/password", data={"csrf_token": token, "old": one_time, "new": PASSWORD, "again": PASSWORD})
    assert answer.location == "/"
    assert client.get("/").status_code == 200


def test_a_page_is_shown_while_somebody_writes(client, login, database):
    login()
    with database.write_lock():
        assert client.get("/").status_code == 200
    with database.session() as session:
        assert session.scalars(select(WebSession)).one().last_seen_at == now()


def test_a_route_without_permission_opens_to_nobody(login, caplog):
    answer = login().get("/trial/unmarked")
    assert answer.status_code == 403
    assert "nobody" not in answer.text


def test_lacking_a_permission_is_said_in_chinese(login):
    answer = login(Role.ENTERPRISE).get("/audit/")
    assert answer.status_code == 403
    assert "没有“查看审计记录”权限" in answer.text


def test_every_route_names_its_permissions(app):
    unmarked = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if not getattr(app.view_functions[rule.endpoint], "required_permissions", None)
    }  # fmt: skip
    assert unmarked == {"trial.unmarked"}


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/units?office=1", "/units?office=1"), ("//evil.example", None), ("/\\evil.example", None),
        ("https://evil.example/", None), ("javascript:alert(1)", None), ("/\t/evil.example", None), ("", None),
        (None, None), ("units", None), ("/" + "a" * 3000, None), ("/\nx", None), ("///x", None),
    ],
)  # fmt: skip
def test_a_login_never_leads_to_a_foreign_site(target, kept):
    assert safe_next(target) == kept
