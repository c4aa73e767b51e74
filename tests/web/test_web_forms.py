"""Forms: what is typed is read as imports read it; drafts are kept; both values are shown on a conflict."""

import re

import pytest

from hwrisk.clock import now
from hwrisk.errors import EditConflict, RuleViolation
from hwrisk.security import Role
from hwrisk.web import operations, queries
from hwrisk.web.conflicts import conflict_page
from hwrisk.web.forms import VersionedForm, required
from tests.web.conftest import TrialForm, post

GOOD = {"name": "废盐", "quantity": "１２．５", "day": "2026年1月2日", "code": " A 01 "}


def test_values_are_read_as_people_write_them(login):
    answer = post(login(), "/trial/form", **GOOD)
    assert answer.text == "废盐|12.5000|2026-01-02|A01"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("quantity", "-1"), ("quantity", "0"), ("quantity", "Infinity"), ("quantity", "1e400"), ("quantity", "sNaN"),
        ("quantity", "1_000"), ("quantity", "٣"), ("quantity", "0.00001"), ("quantity", "9" * 30),
        ("quantity", "x" * 300),
        ("quantity", "12 kg"), ("day", "2026-02-30"), ("day", "31/12/2026"), ("day", "0"), ("name", ""),
        ("code", "A" * 200), ("name", "   "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_shown_again(login, field, typed):
    answer = post(login(), "/trial/form", **{**GOOD, field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    if typed.strip():
        assert typed in answer.text


def test_what_was_typed_is_escaped(login):
    answer = post(login(), "/trial/form", **{**GOOD, "quantity": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


def test_labels_belong_to_their_fields(login):
    page = login().get("/trial/form").text
    for name in ("name", "quantity", "day", "code"):
        assert f'<label for="{name}">' in page


def test_a_refusal_of_the_rules_stands_at_the_field_it_names(app, login):
    with app.test_request_context("/"):
        form = TrialForm()
        form.refuse(RuleViolation("不得早于入库日期", field="day"))
        form.refuse(RuleViolation("单位已注销"))
        assert list(form.day.errors) == ["不得早于入库日期"]
        assert list(form.form_errors) == ["单位已注销"]
        assert form.errors


def test_none_of_a_required_value_is_a_mistake_of_ours():
    assert required(0) == 0
    with pytest.raises(TypeError):
        required(None)


class TestDrafts:
    def test_what_was_typed_is_there_again_and_gone_once_sent(self, login):
        client = login()
        answer = post(client, "/drafts/trial", name="半途", quantity="1x")
        assert "草稿已保存" in answer.json["message"]
        page = client.get("/trial/form").text
        assert 'value="半途"' in page
        assert 'value="1x"' in page
        assert "尚未提交" in page
        post(client, "/trial/form", **GOOD)
        assert "半途" not in client.get("/trial/form").text

    def test_a_draft_can_be_dropped(self, login):
        client = login()
        post(client, "/drafts/trial", name="半途")
        assert (
            post(client, "/drafts/trial/drop", headers={"Referer": "http://localhost/trial/form"}).location
            == "/trial/form"
        )
        assert "半途" not in client.get("/trial/form").text

    def test_secrets_are_never_kept(self, login, database, account):
        client = login()
        post(client, "/drafts/trial", name="x", new_password="geheim", pin="123456")
        with database.session() as session:
            from hwrisk.web.models import Draft

            assert session.query(Draft).one().data == {"name": ["x"]}

    def test_somebody_elses_draft_is_not_shown(self, login):
        client = login()
        post(client, "/drafts/trial", name="半途")
        login(Role.CITY, "lisi")
        assert "半途" not in client.get("/trial/form").text

    def test_a_draft_too_long_is_refused(self, login):
        assert post(login(), "/drafts/trial", name="x" * 300_000).status_code == 422
        assert post(login(username="lisi"), "/drafts/" + "k" * 200, name="x").status_code == 422

    def test_old_drafts_are_forgotten(self, login, database):
        post(login(), "/drafts/trial", name="x")
        with database.unit_of_work() as session:
            assert operations.drop_old_drafts(session, at=now() + operations.DRAFTS_KEPT) == 0
        from datetime import timedelta

        with database.unit_of_work() as session:
            at = now() + operations.DRAFTS_KEPT + timedelta(seconds=1)
            assert operations.drop_old_drafts(session, at=at) == 1

    def test_a_page_that_outlived_its_sign_in_gets_the_new_token(self, login):
        client = login()
        token = client.get("/session").json["csrf_token"]
        assert client.post("/drafts/trial", data={"name": "x"}, headers={"X-CSRFToken": token}).status_code == 200


class TestSavedFilters:
    def test_conditions_are_kept_under_a_name_and_forgotten(self, login, database):
        client = login()
        back = {"Referer": "http://localhost/accounts/?role=city"}
        sent = {"endpoint": "accounts.index", "name": "固废科", "arg.role": "city", "arg._external": "1"}
        assert post(client, "/saved-filters/", headers=back, **sent).location == "/accounts/?role=city"
        with database.session() as session:
            from hwrisk.web.models import SavedFilter

            kept = session.query(SavedFilter).one()
            assert kept.args == {"role": "city"}
        assert post(client, f"/saved-filters/{kept.public_id}/drop").status_code == 302
        assert post(client, f"/saved-filters/{kept.public_id}/drop").status_code == 404

    def test_a_name_without_conditions_is_refused(self, login):
        assert post(login(), "/saved-filters/", endpoint="accounts.index", name="x").status_code == 422

    def test_nobody_forgets_somebody_elses(self, login, database):
        client = login()
        post(client, "/saved-filters/", endpoint="accounts.index", name="a", **{"arg.role": "city"})
        with database.session() as session:
            from hwrisk.web.models import SavedFilter

            kept = session.query(SavedFilter).one()
        login(Role.CITY, "lisi")
        assert post(client, f"/saved-filters/{kept.public_id}/drop").status_code == 404

    def test_there_is_an_end_to_them(self, login, database, account):
        from hwrisk.security import Viewer

        user = Viewer(account_id=account(), label="", role=Role.CITY)
        with database.unit_of_work() as session:
            for n in range(operations.MAX_SAVED_FILTERS):
                operations.save_filter(session, user=user, endpoint="a.b", name=f"n{n}", args={"x": "1"})
            operations.save_filter(session, user=user, endpoint="a.b", name="n0", args={"x": "2"})
            with pytest.raises(RuleViolation, match="最多"):
                operations.save_filter(session, user=user, endpoint="a.b", name="one more", args={"x": "1"})
            assert len(queries.saved_filters(session, user=user, endpoint="a.b")) == operations.MAX_SAVED_FILTERS


def test_a_conflict_shows_both_values_and_lets_choose(app):
    class Versioned(VersionedForm, TrialForm):
        pass

    with app.test_request_context("/x?y=1", method="POST", data={"name": "我的", "quantity": "2", "version": "3"}):
        from flask import g

        g.viewer = None
        form = Versioned()
        assert form.version_seen() == 3
        answer = conflict_page(
            form,
            error=EditConflict("张三刚刚修改过"),
            version=4,
            theirs={"name": "他的", "quantity": "2"},
            reload_url="/x",
        )
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert re.search(r"我的</td><td>他的", text)
    assert 'name="version" value="4"' in text
    assert text.count("不同</span>") == 1
