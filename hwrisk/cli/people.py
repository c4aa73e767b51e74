"""`hwrisk user …`."""

from __future__ import annotations

import click
from sqlalchemy import select

from hwrisk.cli.support import HwriskGroup, json_option, open_database, print_json
from hwrisk.clock import now
from hwrisk.errors import SetupError
from hwrisk.security import Role, Viewer
from hwrisk.security.models import Account
from hwrisk.security.operations import create_account, disable_account, reset_password

ROLES = {role.value: role for role in Role}


@click.group("user", cls=HwriskGroup)
def user() -> None:
    """账号。"""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="显示名称，如 市局固废科 演示-张三。")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True)
def add(username: str, name: str, role: str) -> None:
    """新增账号并给出一次性密码。"""
    with open_database().unit_of_work() as session:
        account = create_account(
            session, username=username, display_name=name, role=ROLES[role], actor=Viewer.system(), at=now()
        )
        password = reset_password(session, account, actor=Viewer.system(), at=now())
    click.echo(f"已新增账号 {username}，一次性密码：{password}")


@user.command("list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """列出账号。"""
    with open_database().session() as session:
        rows = [
            {"username": a.username, "name": a.display_name, "role": a.role.label, "active": a.is_active}
            for a in session.scalars(select(Account).order_by(Account.username))
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['username']}\t{row['name']}\t{row['role']}\t{'启用' if row['active'] else '停用'}")


@user.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """停用账号，下一次请求起生效。"""
    with open_database().unit_of_work() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one_or_none()
        if account is None:
            raise SetupError(f"没有账号“{username}”")
        disable_account(session, account, actor=Viewer.system(), at=now())
    click.echo(f"已停用 {username}")


@user.command("reset")
@click.argument("username")
def reset(username: str) -> None:
    """重置密码并给出一次性密码。"""
    with open_database().unit_of_work() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one_or_none()
        if account is None:
            raise SetupError(f"没有账号“{username}”")
        password = reset_password(session, account, actor=Viewer.system(), at=now())
    click.echo(f"{username} 的一次性密码：{password}")


COMMANDS = (user,)
