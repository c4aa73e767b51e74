from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.security import first_run
from hwrisk.security.checks import CHECKS
from hwrisk.security.models import Account, AccountGrant
from hwrisk.security.operations import (
    change_role,
    create_account,
    disable_account,
    grant,
    revoke,
    set_pin,
    sign_in,
    update_account,
)
from hwrisk.security.permissions import Permission, permissions_of
from hwrisk.security.queries import (
    account_by_username,
    accounts,
    dormant_accounts,
    get_account,
    resettable_accounts,
    visible_accounts,
)
from hwrisk.security.roles import CITY_WIDE, GRANTS_OF, NEEDS_END, GrantKind, Role
from hwrisk.security.viewer import Viewer, viewer_of

pytestmark = pytest.mark.db

DAY = timedelta(days=1)


def seen_by(session, account):
    return viewer_of(session, account, on=today())


class TestCreateAccount:
    def test_a_new_account_has_a_normal_name_and_no_password(self, session, system):
        made = create_account(
            session, " Zhang.San ", "演示-张三", Role.CITY, actor=system, at=now(), department="固废科"
        )
        assert (made.username, made.label, made.password_hash) == ("zhang.san", "固废科 演示-张三", None)
        assert account_by_username(session, "ZHANG.SAN") is made

    @pytest.mark.parametrize(
        ("username", "name", "field"), [("a b", "演示-张三", "username"), ("zhang", " ", "display_name")]
    )
    def test_shape(self, session, system, username, name, field):
        with pytest.raises(RuleViolation) as caught:
            create_account(session, username, name, Role.CITY, actor=system, at=now())
        assert caught.value.field == field

    def test_a_name_is_given_once(self, session, system):
        create_account(session, "zhang", "演示-张三", Role.CITY, actor=system, at=now())
        with pytest.raises(RuleViolation, match="已被使用"):
            create_account(session, "ZHANG", "演示-李四", Role.CITY, actor=system, at=now())

    def test_who_made_it_is_in_the_audit_trail(self, database, people):
        account = people()
        with database.session() as session:
            last = audit.entries(session, kind="account", object_id=account.id)[-1]
        assert (last.action, last.actor_label, last.summary["role"]) == ("account.create", "系统", "city")


class TestFirstAccount:
    def test_the_first_run_makes_the_security_administrator(self, database):
        made = first_run.ensure_first_account(database)
        with database.session() as session:
            account = session.scalars(select(Account)).one()
        assert (account.username, account.role, account.must_change_password) == (
            made.username,
            Role.SECADMIN,
            True,
        )
        assert sign_in(database, made.username, made.password, address="", at=now())

    def test_the_second_run_makes_nothing(self, database):
        first_run.ensure_first_account(database)
        assert first_run.ensure_first_account(database) is None
        with database.session() as session:
            assert session.scalar(select(func.count()).select_from(Account)) == 1


class TestChanges:
    def test_the_phone_number_stays_out_of_the_audit_trail(self, database, people, system):
        account = people()
        with database.unit_of_work() as session:
            update_account(
                session,
                session.get_one(Account, account.id),
                display_name="演示-王五",
                department="东海局",
                phone="000-0000-0009",
                actor=system,
            )
        with database.session() as session:
            entry = audit.entries(session, action="account.edit")[0]
        assert entry.summary["after"] == "东海局 演示-王五"
        assert entry.summary["phone_changed"] is True
        assert "000-0000-0009" not in str(entry.summary)

    def test_nobody_disables_or_promotes_himself(self, session, people):
        account = session.merge(people(Role.SECADMIN))
        people(Role.SECADMIN)
        with pytest.raises(RuleViolation, match="本人"):
            disable_account(session, account, actor=Viewer.acting(account), at=now())
        with pytest.raises(RuleViolation, match="本人"):
            change_role(session, account, Role.CITY, on=today(), actor=Viewer.acting(account))

    def test_one_security_administrator_always_stays(self, session, people, system):
        account = session.merge(people(Role.SECADMIN))
        with pytest.raises(RuleViolation, match="最后一名"):
            disable_account(session, account, actor=system, at=now())
        with pytest.raises(RuleViolation, match="最后一名"):
            change_role(session, account, Role.CITY, on=today(), actor=system)
        people(Role.SECADMIN)
        disable_account(session, account, actor=system, at=now())
        assert not account.is_active

    def test_another_role_ends_what_the_old_one_was_granted(self, session, people, system):
        account = session.merge(people(Role.LEADER, city=""))
        assert seen_by(session, account).is_city_wide
        change_role(session, account, Role.LEADER, on=today(), actor=system)
        assert seen_by(session, account).is_city_wide
        change_role(session, account, Role.AUDITOR, on=today(), actor=system)
        assert not seen_by(session, account).is_city_wide


class TestGrants:
    def open(self, session, account, kind, ref="", *, since=None, until=None):
        return grant(
            session,
            account,
            kind,
            ref,
            valid_from=since or today(),
            valid_until=until,
            actor=Viewer.system(),
        )

    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize("kind", GrantKind)
    def test_a_role_holds_only_its_kinds(self, session, people, role, kind):
        account = session.merge(people(role, password=""))
        ref = {GrantKind.CITY: "", GrantKind.OFFICE: "LYG-XW"}.get(kind, "7")
        until = today() + DAY if role in NEEDS_END else None
        if kind in GRANTS_OF[role]:
            self.open(session, account, kind, ref, until=until)
        else:
            with pytest.raises(RuleViolation, match="不能授予"):
                self.open(session, account, kind, ref, until=until)
        viewer = seen_by(session, account)
        held = kind in GRANTS_OF[role]
        assert viewer.is_city_wide is (role in CITY_WIDE or (held and kind is GrantKind.CITY))
        assert viewer.offices == ({"LYG-XW"} if held and kind is GrantKind.OFFICE else set())
        assert viewer.parks == ({7} if held and kind is GrantKind.PARK else set())
        assert viewer.units == ({7} if held and kind is GrantKind.UNIT else set())

    @pytest.mark.parametrize(
        "case",
        [
            (Role.PARK, GrantKind.PARK, "abc", None, "ref"),
            (Role.ENTERPRISE, GrantKind.UNIT, "", None, "ref"),
            (Role.ENTERPRISE, GrantKind.UNIT, "٣", None, "ref"),
            (Role.COUNTY, GrantKind.OFFICE, " ", None, "ref"),
            (Role.LEADER, GrantKind.CITY, "320700", None, "ref"),
            (Role.PROVIDER, GrantKind.UNIT, "7", None, "valid_until"),
            (Role.COUNTY, GrantKind.OFFICE, "320722", today, "valid_until"),
        ],
    )
    def test_each_mistake_names_its_field(self, session, people, case):
        role, kind, ref, until, field = case
        account = session.merge(people(role))
        with pytest.raises(RuleViolation) as caught:
            self.open(session, account, kind, ref, until=until and until())
        assert caught.value.field == field

    @pytest.mark.parametrize(("on", "holds"), [(-1, False), (0, True), (1, True), (2, False)])
    def test_the_period_is_half_open(self, session, people, on, holds):
        account = session.merge(people(Role.COUNTY))
        self.open(session, account, GrantKind.OFFICE, "320722", until=today() + 2 * DAY)
        assert ("320722" in viewer_of(session, account, on=today() + on * DAY).offices) is holds

    def test_the_same_twice_is_refused_but_may_follow(self, session, people):
        account = session.merge(people(Role.COUNTY))
        self.open(session, account, GrantKind.OFFICE, "320722", until=today() + DAY)
        with pytest.raises(RuleViolation, match="相同授权"):
            self.open(session, account, GrantKind.OFFICE, "320722")
        self.open(session, account, GrantKind.OFFICE, "320722", since=today() + DAY)
        self.open(session, account, GrantKind.OFFICE, "320723")

    def test_revoking_acts_on_the_same_day(self, session, people, system):
        account = session.merge(people(Role.PARK))
        held = self.open(session, account, GrantKind.PARK, 3)
        assert seen_by(session, account).parks == {3}
        revoke(session, held, on=today(), actor=system)
        revoke(session, held, on=today() + DAY, actor=system)
        assert seen_by(session, account).parks == frozenset()
        assert held.valid_until == today()

    def test_a_grant_that_has_not_begun_never_holds(self, session, people, system):
        account = session.merge(people(Role.PARK))
        held = self.open(session, account, GrantKind.PARK, 3, since=today() + 5 * DAY)
        revoke(session, held, on=today(), actor=system)
        assert viewer_of(session, account, on=today() + 5 * DAY).parks == frozenset()

    def test_a_grant_of_another_kind_opens_nothing_whatever_its_row_says(self, session, people):
        account = session.merge(people(Role.ENTERPRISE, unit=5))
        session.add(AccountGrant(account_id=account.id, kind=GrantKind.CITY, ref="", valid_from=today()))
        session.flush()
        viewer = seen_by(session, account)
        assert (viewer.is_city_wide, viewer.units) == (False, frozenset({5}))
        (said,) = CHECKS[0].run(session)
        assert account.username in said


class TestViewer:
    def test_permissions_come_from_the_role(self, session, people):
        viewer = seen_by(session, session.merge(people(Role.COUNTY, office="320722")))
        assert viewer.permissions == permissions_of(Role.COUNTY)
        assert viewer.may(Permission.STORAGE_EXTEND)
        assert not viewer.may(Permission.ACCOUNT_EDIT)

    def test_a_disabled_account_sees_and_may_nothing(self, session, people, system):
        account = session.merge(people(Role.CITY))
        disable_account(session, account, actor=system, at=now())
        viewer = seen_by(session, account)
        assert (viewer.is_city_wide, viewer.permissions) == (False, frozenset())

    def test_the_system_may_everything(self):
        viewer = Viewer.system()
        assert (viewer.account_id, viewer.label, viewer.is_city_wide) == (None, "系统", True)
        assert all(viewer.may(permission) for permission in Permission)


class TestVisibleAccounts:
    @pytest.fixture
    def house(self, people):
        """Return accounts of every kind by name."""
        return {
            "city": people(Role.CITY, username="city"),
            "donghai": people(Role.COUNTY, username="donghai", office="320722"),
            "donghai2": people(Role.COUNTY, username="donghai2", office="320722"),
            "guanyun": people(Role.COUNTY, username="guanyun", office="320723"),
            "both": people(Role.COUNTY, username="both", office=("320722", "320723")),
            "zhewang": people(Role.PARK, username="zhewang", park=1),
            "basin": people(Role.OPERATOR, username="basin", park=1),
            "factory": people(Role.ENTERPRISE, username="factory", unit=9),
            "boss": people(Role.LEADER, username="boss", office="320722"),
            "secadmin": people(Role.SECADMIN, username="secadmin"),
            "audadmin": people(Role.AUDADMIN, username="audadmin"),
        }

    def names(self, session, predicate):
        return set(session.scalars(select(Account.username).where(predicate)))

    def seen(self, session, account, **more):
        return self.names(session, visible_accounts(seen_by(session, account), on=today(), **more))

    def reset(self, session, account, **more):
        return self.names(session, resettable_accounts(seen_by(session, account), on=today(), **more))

    @pytest.mark.parametrize("who", ["city", "secadmin", "audadmin"])
    def test_who_sees_all(self, session, house, who):
        assert self.seen(session, house[who]) == set(house)

    def test_a_county_sees_its_own_people(self, session, house):
        assert self.seen(session, house["donghai"]) == {"donghai", "donghai2"}
        assert self.seen(session, house["donghai"], units=frozenset({9})) == {"donghai", "donghai2", "factory"}
        # Who looks after two offices sees those of one, not the other way round.
        assert self.seen(session, house["both"]) == {"both", "donghai", "donghai2", "guanyun"}

    def test_a_park_sees_its_own_people(self, session, house):
        assert self.seen(session, house["zhewang"]) == {"zhewang", "basin"}

    @pytest.mark.parametrize("who", ["factory", "basin", "boss"])
    def test_others_see_themselves(self, session, house, who):
        assert self.seen(session, house[who]) == {who}

    def test_who_may_reset_whom(self, session, house):
        assert self.reset(session, house["donghai"]) == {"donghai2"}
        assert self.reset(session, house["zhewang"]) == {"basin"}
        assert self.reset(session, house["city"]) == set(house) - {"city", "secadmin", "audadmin"}
        assert self.reset(session, house["secadmin"]) == set(house) - {"secadmin"}

    def test_an_account_out_of_sight_is_not_found(self, session, house):
        viewer = seen_by(session, house["donghai"])
        found = get_account(session, house["donghai2"].public_id, user=viewer, on=today())
        assert found.username == "donghai2"
        with pytest.raises(NotFound):
            get_account(session, house["guanyun"].public_id, user=viewer, on=today())

    def test_the_list_is_paged_and_filtered(self, session, house):
        def page(**asked):
            return [a.username for a in accounts(session, user=seen_by(session, house["city"]), on=today(), **asked)]

        assert page(limit=3) == ["audadmin", "basin", "boss"]
        assert page(after="boss", limit=2) == ["both", "city"]
        assert page(role=Role.COUNTY) == ["both", "donghai", "donghai2", "guanyun"]
        assert page(text="ZHEWANG") == ["zhewang"]
        assert page(text="%") == []

    def test_accounts_nobody_uses(self, database, session, people):
        used, unused = people(username="used"), people(username="unused")
        sign_in(database, used.username, "Lan-Tian9", address="", at=now())
        assert [a.username for a in dormant_accounts(session, since=now())] == [unused.username]
        assert dormant_accounts(session, since=now() - 2 * DAY) == []


class TestPin:
    def test_a_pin_is_hashed(self, session, people, system):
        account = session.merge(people())
        set_pin(session, account, "290317", actor=system)
        assert account.pin_hash.startswith("$argon2id$")

    def test_a_weak_one_is_refused(self, session, people, system):
        with pytest.raises(RuleViolation, match="过于简单"):
            set_pin(session, people(), "111111", actor=system)
