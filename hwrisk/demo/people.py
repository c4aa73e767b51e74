"""Invented accounts of the demonstration, one for every role that looks at something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.security.operations import create_account, grant, reset_password
from hwrisk.security.queries import account_by_username
from hwrisk.security.roles import NEEDS_END

CITY_USER = "yanshi-shiju"
DELEGATED = timedelta(days=180)
"""How long those act who act for somebody else."""


class Person(NamedTuple):
    """An invented account: what it is called, and what it sees."""

    username: str
    department: str
    name: str
    role: Role
    kind: GrantKind | None = None
    ref: str = ""


PEOPLE: tuple[Person, ...] = (
    Person(CITY_USER, "市局固废科", "演示-张三", Role.CITY),
    Person("yanshi-guannan", "灌南局", "演示-李四", Role.COUNTY, GrantKind.OFFICE, "LYG-GNX"),
    Person("yanshi-xuwei", "徐圩新区分局", "演示-王五", Role.COUNTY, GrantKind.OFFICE, "LYG-XW"),
    Person("yanshi-yuanqu", "石化产业基地管理办公室", "演示-赵六", Role.PARK, GrantKind.PARK, "LYG-P-SHJD"),
    Person("yanshi-qiye", "演示企业", "演示-孙七", Role.ENTERPRISE, GrantKind.UNIT, "0"),
    Person("yanshi-zhihui", "应急指挥中心", "演示-周八", Role.COMMAND),
    Person("yanshi-ganyu", "赣榆局", "演示-蒋三", Role.COUNTY, GrantKind.OFFICE, "LYG-GYQ"),
    Person("yanshi-lingang", "灌云临港产业区管委会", "演示-沈四", Role.PARK, GrantKind.PARK, "LYG-P-GYLG"),
    Person("yanshi-yunwei", "石化产业基地应急池运维", "演示-韩五", Role.OPERATOR, GrantKind.PARK, "LYG-P-SHJD"),
    Person("yanshi-qiye2", "演示企业二", "演示-杨六", Role.ENTERPRISE, GrantKind.UNIT, "1"),
    Person("yanshi-jingying", "演示经营单位", "演示-曹二", Role.ENTERPRISE, GrantKind.UNIT, "49"),
    Person("yanshi-fuwu", "第三方服务", "演示-朱七", Role.PROVIDER, GrantKind.UNIT, "1"),
    Person("yanshi-jiancha", "灌南局执法检查", "演示-秦八", Role.INSPECTOR, GrantKind.OFFICE, "LYG-GNX"),
    Person("yanshi-jiancha2", "灌南局执法检查", "演示-尤九", Role.INSPECTOR, GrantKind.OFFICE, "LYG-GNX"),
    Person("yanshi-fuzhu", "评估辅助机构", "演示-许十", Role.HELPER, GrantKind.UNIT, "1"),
    Person("yanshi-zhifa", "综合执法", "演示-何一", Role.ENFORCEMENT, GrantKind.CITY),
    Person("yanshi-weijian", "卫生健康", "演示-吕二", Role.HEALTH, GrantKind.CITY),
    Person("yanshi-zhiban", "市局值班室", "演示-施三", Role.DUTY),
    Person("yanshi-lingdao", "局领导", "演示-吴九", Role.LEADER, GrantKind.CITY),
    Person("yanshi-xitong", "系统管理", "演示-郑十", Role.SYSADMIN),
    Person("yanshi-anquan", "安全管理", "演示-冯一", Role.SECADMIN),
    Person("yanshi-shenji", "审计管理", "演示-陈二", Role.AUDADMIN),
)


def make_people(
    session: Session,
    *,
    parks: Mapping[str, int],
    unit_ids: Mapping[str, int],
    since: date,
    as_of: date,
    at: datetime,
) -> str | None:
    """Make the accounts that are missing; return the city account's one-time password, or None if it existed."""
    actor, password = Viewer.system(), None
    for person in PEOPLE:
        if account_by_username(session, person.username) is not None:
            continue
        account = create_account(
            session,
            username=person.username,
            display_name=person.name,
            department=person.department,
            role=person.role,
            actor=actor,
            at=at,
        )
        if person.kind is not None:
            ref = parks.get(person.ref) or unit_ids.get(person.ref) or person.ref
            until = as_of + DELEGATED if person.role in NEEDS_END else None
            grant(session, account, person.kind, ref, valid_from=since, valid_until=until, actor=actor)
        if person.username == CITY_USER:
            password = reset_password(session, account, actor=actor, at=at)
    return password
