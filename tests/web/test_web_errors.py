"""Every error is answered in Chinese, with an id that is found in the log; headers stand on every response."""

import json
import re

import pytest
import structlog

from hwrisk.web.errors import EXPLANATIONS
from hwrisk.web.headers import CONTENT_SECURITY_POLICY
from tests.web.conftest import csrf


@pytest.fixture
def log_lines(settings):
    from hwrisk.web import configure_logging

    configure_logging(settings, name="web", console=False)
    yield lambda: [
        json.loads(line) for path in settings.log_dir.glob("web-*.jsonl") for line in path.read_text().splitlines()
    ]
    structlog.reset_defaults()


CASES = [
    ("rule", 422, "数量不能为负"), ("missing", 404, "不在您的管辖范围内"), ("refused", 403, "无权操作"),
    ("file", 422, "文件损坏"), ("conflict", 409, "已被他人修改"), ("busy", 503, "请过一两分钟重试"),
    ("bug", 500, "错误编号告诉系统管理员"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "status", "words"), CASES)
def test_an_error_is_a_page_with_an_id_found_in_the_log(login, log_lines, what, status, words):
    answer = login().get(f"/trial/raise/{what}")
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.count("<h1>") == 1
    assert "secret detail" not in answer.text
    error_id = re.search(r"错误编号 <code>([0-9a-f]+)</code>", answer.text)[1]
    found = [line for line in log_lines() if line.get("error_id") == error_id]
    assert [line["status"] for line in found] == [status]
    if what == "bug":
        assert "secret detail" in found[0]["exception"]


def test_the_log_names_no_query_arguments(login, log_lines):
    login().get("/notices/?q=13800000000")
    assert "13800000000" not in json.dumps(log_lines())
    assert any(line["event"] == "request" and line["path"] == "/notices/" for line in log_lines())


@pytest.mark.parametrize(("what", "status", "words"), CASES)
def test_htmx_gets_a_part_for_the_messages(login, what, status, words):
    answer = login().get(f"/trial/raise/{what}", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (status, "#messages")
    assert "<html" not in answer.text
    assert words in answer.text


def test_a_script_gets_json(login):
    answer = login().get("/trial/raise/rule", headers={"Accept": "application/json"})
    assert answer.json["error"] == "数量不能为负"


@pytest.mark.parametrize(
    "path", ["/nothing", "/units/../etc/passwd", "/notices/not-a-uuid/read", "/%00", "/static/nothing.css"]
)
def test_addresses_that_do_not_exist(login, path):
    answer = login().get(path)
    assert answer.status_code in (404, 405)
    assert "错误编号" in answer.text


def test_a_wrong_method_names_the_right_ones(login):
    client = login()
    answer = client.delete("/trial/raise/rule", headers={"X-CSRFToken": csrf(client, "/")})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_large_an_upload(login, app):
    client = login()
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = client.post("/verify/", data={"number": "x" * 2000}, headers={"X-CSRFToken": csrf(client, "/")})
    assert answer.status_code == 413
    assert "30 MB" in answer.text


def test_every_status_has_its_words():
    assert {400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503} <= set(EXPLANATIONS)


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/static/hwrisk.css", "/nothing", "/trial/raise/bug"])
def test_headers_stand_on_every_response(client, path):
    answer = client.get(path)
    answer.close()
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    if not path.startswith("/static"):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "HX-Request" in answer.headers["Vary"]


def test_health_tells_version_and_database(client, database, monkeypatch):
    assert client.get("/healthz").json == {"status": "ok", "database": "reachable", "version": "0.1.0"}
    monkeypatch.setattr(database, "engine", type(database)(_broken_engine()).engine)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")


def _broken_engine():
    from hwrisk.db.session import make_engine

    return make_engine("sqlite:////nonexistent/folder/x.db")


def test_an_unreachable_database_is_503_in_chinese(client, database, monkeypatch):
    client.get("/login")
    with client.session_transaction() as cookie:
        cookie["token"] = "whatever"
    monkeypatch.setattr(database, "engine", _broken_engine())
    answer = client.get("/")
    assert answer.status_code == 503
    assert "未保存" in answer.text
    assert answer.headers["Retry-After"] == "60"


def test_a_locked_database_refuses_the_writer_and_saves_nothing(login, database, registry, monkeypatch):
    client = login()
    token = csrf(client, "/")
    monkeypatch.setattr(database, "_lock_timeout_s", 0.1)
    from hwrisk.db.session import Database

    other = Database.open(registry.settings)
    with other.write_lock():
        answer = client.post("/notices/read", data={"csrf_token": token})
    other.dispose()
    assert answer.status_code == 503
    assert "未保存" in answer.text
