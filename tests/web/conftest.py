"""An application over the services alone, with a few views of its own: the web is tested without any room."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Blueprint, Flask, flash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from wtforms import StringField

import hwrisk
from hwrisk import web
from hwrisk.clock import now
from hwrisk.config import Settings
from hwrisk.db.base import Base
from hwrisk.db.session import Database
from hwrisk.errors import BadFile, DatabaseBusy, EditConflict, NotFound, Refused, RuleViolation
from hwrisk.resources import resource_dir
from hwrisk.security import GrantKind, Permission, Role, Viewer
from hwrisk.security import operations as security
from hwrisk.security.models import Account
from hwrisk.web.registry import Registry
from hwrisk.web.sessions import TOKEN
from tests.conftest import make_settings

PASSWORD = "Lianyun-Gang_2026"
ERRORS = {
    "rule": RuleViolation("数量不能为负"), "missing": NotFound(), "refused": Refused("无权操作"),
    "file": BadFile("文件损坏"), "conflict": EditConflict("已被他人修改"), "busy": DatabaseBusy(),
    "bug": ZeroDivisionError("secret detail"),
}  # fmt: skip
bp = Blueprint("trial", __name__, url_prefix="/trial")


class TrialForm(web.BaseForm):
    """A form with every field of ours."""

    name = StringField("名称", [web.Filled("请填写名称")])
    quantity = web.TonnesField("数量", positive=True)
    day = web.DayField("日期")
    code = web.CodeField("编号")


@bp.get("/raise/<what>")
@web.requires(Permission.HOME_READ)
def fail(what: str) -> str:
    raise ERRORS[what]


@bp.route("/form", methods=["GET", "POST"])
@web.requires(Permission.HOME_READ)
def form() -> object:
    shown = web.with_draft(TrialForm, "trial")
    if shown.validate_on_submit():
        with web.unit_of_work() as session:
            web.drop_draft(session, user=web.current_user(), form_key="trial")
        return f"{shown.name.data}|{shown.quantity.data}|{shown.day.data}|{shown.code.data}"
    return web.page("trial_form.html", form=shown)


@bp.get("/unmarked")
def unmarked() -> str:
    return "nobody should read this"


@bp.get("/flash")
@web.requires(Permission.HOME_READ)
def say() -> str:
    flash("已保存", "success")
    return "ok"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A fresh SQLite file with the tables of the services, and real commits."""
    database = Database.open(settings)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def registry(database: Database, settings: Settings) -> Registry:
    return Registry(database=database, settings=settings, place="连云港市", is_demo=True)


@pytest.fixture
def app(registry: Registry) -> Flask:
    app = Flask(
        "hwrisk",
        template_folder=str(resource_dir("templates")),
        static_folder=str(Path(hwrisk.__file__).parent / "static"),
    )
    web.init_web(app, registry)
    app.register_blueprint(bp)
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "templates"))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def account(database: Database) -> Callable[..., int]:
    """Make an account and return its id."""

    def make(role: Role = Role.CITY, username: str = "zhangsan", *, office: str = "", password: str = "") -> int:
        with database.unit_of_work() as session:
            made = security.create_account(
                session,
                username=username,
                display_name="演示-张三",
                role=role,
                actor=Viewer.system(),
                at=now(),
                department="固废科",
            )
            if password:
                security.set_password(session, made, password, actor=Viewer.system(), at=now())
            if office:
                day = date(2026, 1, 1)
                security.grant(session, made, GrantKind.OFFICE, office, valid_from=day, actor=Viewer.system())
            return made.id

    return make


@pytest.fixture
def login(client: FlaskClient, account: Callable[..., int], database: Database) -> Callable[..., FlaskClient]:
    """Sign a fresh account of a role in, without the time a password takes, and return the client."""

    def sign_in(role: Role = Role.CITY, username: str = "zhangsan") -> FlaskClient:
        account_id = account(role, username)
        with database.unit_of_work() as session:
            person = session.get_one(Account, account_id)
            token = security.open_session(session, person, at=now())
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie[TOKEN] = token
        return client

    return sign_in


def csrf(client: FlaskClient, path: str = "/login") -> str:
    """Return the token that a page carries."""
    page = client.get(path, follow_redirects=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(client: FlaskClient, path: str, *, headers: dict[str, str] | None = None, **data: object) -> TestResponse:
    """Send a form with a valid token."""
    return client.post(path, data={"csrf_token": csrf(client), **data}, headers=headers)
