"""Invented accounts of the demonstration, one for every role that looks at something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.security.operations import create_account, grant, reset_password
from hwrisk.security.queries import account_by_username

CITY_USER = "yanshi-shiju"


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
    Person("yanshi-lingdao", "局领导", "演示-吴九", Role.LEADER),
    Person("yanshi-xitong", "系统管理", "演示-郑十", Role.SYSADMIN),
    Person("yanshi-anquan", "安全管理", "演示-冯一", Role.SECADMIN),
    Person("yanshi-shenji", "审计管理", "演示-陈二", Role.AUDADMIN),
)


def make_people(
    session: Session, *, parks: Mapping[str, int], unit_ids: Mapping[str, int], since: date, at: datetime
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
            grant(session, account, person.kind, ref, valid_from=since, actor=actor)
        if person.username == CITY_USER:
            password = reset_password(session, account, actor=actor, at=at)
    return password
