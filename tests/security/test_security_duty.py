from datetime import timedelta

import pytest
from sqlalchemy import select

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.checks import CHECKS
from hwrisk.security.models import Account, DutyPost, DutyRoster, LoginAttempt
from hwrisk.security.operations import (
    cancel_shift,
    confirm_pin,
    create_post,
    disable_account,
    put_on_roster,
    set_pin,
    sign_in,
)
from hwrisk.security.permissions import permissions_of
from hwrisk.security.queries import on_duty, post_of
from hwrisk.security.roles import AttemptKind, AttemptOutcome, Role, RosterPart
from hwrisk.security.viewer import Viewer
from tests.security.conftest import PASSWORD

pytestmark = pytest.mark.db

PIN = "290317"
HOUR = timedelta(hours=1)


@pytest.fixture
def post(database, people, system):
    device = people(Role.DUTY, username="zhibanshi")
    with database.unit_of_work() as session:
        return create_post(session, name="市局值班室", account=device, actor=system)


@pytest.fixture
def officer(database, people, system):
    person = people(Role.COMMAND, username="zhao")
    with database.unit_of_work() as session:
        set_pin(session, session.get_one(Account, person.id), PIN, actor=system)
    return person


@pytest.fixture
def shift(database, post, officer, system):
    with database.unit_of_work() as session:
        return put_on_roster(session, post, officer, starts_at=now() - HOUR, ends_at=now() + 7 * HOUR, actor=system)


def confirm(database, post, person, pin=PIN, *, after=timedelta(0), address="10.0.0.8"):
    return confirm_pin(database, post.id, person.id, pin, address=address, at=now() + after)


class TestCreatePost:
    def test_a_post_has_an_account_of_its_own(self, session, post):
        assert post_of(session, post.account_id).name == "市局值班室"
        assert post_of(session, 0) is None

    def test_only_with_the_role_of_a_post(self, session, people, system):
        with pytest.raises(RuleViolation, match="值班岗"):
            create_post(session, name="甲", account=people(Role.CITY), actor=system)

    def test_name_and_account_are_used_once(self, session, post, people, system):
        with pytest.raises(RuleViolation, match="其他值班岗"):
            create_post(session, name="市局值班室", account=people(Role.DUTY), actor=system)
        device = session.get_one(Account, post.account_id)
        with pytest.raises(RuleViolation, match="其他值班岗"):
            create_post(session, name="乙", account=device, actor=system)
        with pytest.raises(RuleViolation, match="名称"):
            create_post(session, name=" ", account=people(Role.DUTY), actor=system)

    def test_a_post_whose_account_is_disabled_is_reported(self, session, post, system):
        assert CHECKS[1].run(session) == []
        disable_account(session, session.get_one(Account, post.account_id), actor=system, at=now())
        (said,) = CHECKS[1].run(session)
        assert "市局值班室" in said


class TestRoster:
    @pytest.mark.parametrize(
        ("after", "on"), [(-2 * HOUR, False), (-HOUR, True), (timedelta(0), True), (7 * HOUR, False)]
    )
    @pytest.mark.usefixtures("shift")
    def test_a_shift_is_half_open(self, session, post, officer, after, on):
        found = [row.account.username for row in on_duty(session, post, now() + after)]
        assert found == ([officer.username] if on else [])

    def test_officers_stand_before_signers(self, session, post, shift, people, system):
        signer = people(username="qian")
        put_on_roster(
            session,
            post,
            signer,
            starts_at=now() - 2 * HOUR,
            ends_at=now() + HOUR,
            actor=system,
            part=RosterPart.SIGNER,
        )
        assert [row.part for row in on_duty(session, post, now())] == [RosterPart.OFFICER, RosterPart.SIGNER]

    def test_a_cancelled_shift_is_over_from_then_on(self, session, post, shift, system):
        mine = session.get_one(DutyRoster, shift.id)
        cancel_shift(session, mine, at=now(), actor=system)
        cancel_shift(session, mine, at=now() + HOUR, actor=system)
        assert on_duty(session, post, now()) == []
        assert len(on_duty(session, post, now() - timedelta(minutes=1))) == 1

    def test_who_is_disabled_is_not_on(self, session, post, shift, officer, system):
        disable_account(session, session.get_one(Account, officer.id), actor=system, at=now())
        assert on_duty(session, post, now()) == []

    @pytest.mark.parametrize(
        ("hours", "said"), [((1, 1), "晚于"), ((6, 9), "已排班"), ((-9, 0), "已排班"), ((0, 1), "已排班")]
    )
    @pytest.mark.usefixtures("shift")
    def test_what_cannot_be(self, session, post, officer, hours, said):
        starts_at, ends_at = (now() + hour * HOUR for hour in hours)
        with pytest.raises(RuleViolation, match=said):
            put_on_roster(session, post, officer, starts_at=starts_at, ends_at=ends_at, actor=Viewer.system())

    def test_a_shift_may_follow_at_once(self, session, post, shift, officer, system):
        put_on_roster(session, post, officer, starts_at=shift.ends_at, ends_at=shift.ends_at + HOUR, actor=system)
        assert len(on_duty(session, post, shift.ends_at)) == 1

    def test_a_post_is_no_person(self, session, post, people, system):
        with pytest.raises(RuleViolation, match="个人账号"):
            put_on_roster(session, post, people(Role.DUTY), starts_at=now(), ends_at=now() + HOUR, actor=system)


class TestConfirmPin:
    def test_the_person_acts_with_the_sight_of_the_post(self, database, post, shift, officer):
        viewer = confirm(database, post, officer)
        assert viewer.account_id == officer.id
        assert viewer.label == "固废科 演示-zhao（市局值班室）"
        assert (viewer.role, viewer.is_city_wide) == (Role.DUTY, True)
        assert viewer.permissions == permissions_of(Role.DUTY)

    def test_an_act_is_recorded_in_that_name(self, database, post, shift, officer):
        viewer = confirm(database, post, officer)
        with database.unit_of_work() as session:
            audit.record(session, viewer, "incident.report", "incident", 1)
        with database.session() as session:
            entry = audit.entries(session, action="incident.report")[0]
        assert (entry.actor_id, entry.actor_label) == (officer.id, "固废科 演示-zhao（市局值班室）")

    def test_a_wrong_pin_is_noted(self, database, post, shift, officer):
        with pytest.raises(RuleViolation, match="口令不正确") as caught:
            confirm(database, post, officer, "290318")
        assert caught.value.field == "pin"
        with database.session() as session:
            tried = session.scalars(select(LoginAttempt)).one()
        assert (tried.kind, tried.outcome) == (AttemptKind.PIN, AttemptOutcome.WRONG)

    def test_failures_slow_the_address_and_lock_nobody(self, database, post, shift, officer):
        for _ in range(11):
            with pytest.raises(RuleViolation):
                confirm(database, post, officer, "290318")
        with pytest.raises(RuleViolation, match="请 1 秒后再试"):
            confirm(database, post, officer)
        assert confirm(database, post, officer, address="10.0.0.9")
        assert confirm(database, post, officer, after=timedelta(seconds=1))
        # Wrong PINs do not slow the signing-in of others at the same address, and lock no account.
        assert sign_in(database, officer.username, PASSWORD, address="10.0.0.8", at=now())

    def test_only_who_is_on(self, database, post, shift, officer, people):
        with pytest.raises(RuleViolation, match="不在本岗值班表上"):
            confirm(database, post, people())
        with pytest.raises(RuleViolation, match="不在本岗值班表上"):
            confirm(database, post, officer, after=7 * HOUR)

    def test_a_closed_or_unknown_post_confirms_nothing(self, database, post, shift, officer):
        with database.unit_of_work() as session:
            session.get_one(DutyPost, post.id).is_active = False
        with pytest.raises(RuleViolation, match="不在本岗"):
            confirm(database, post, officer)
        with pytest.raises(RuleViolation, match="不在本岗"):
            confirm_pin(database, 0, officer.id, PIN, address="", at=now())

    def test_who_has_no_pin_is_told_so(self, database, post, people, system):
        person = people()
        with database.unit_of_work() as session:
            put_on_roster(session, post, person, starts_at=now(), ends_at=now() + HOUR, actor=system)
        with pytest.raises(RuleViolation, match="尚未设置值班口令"):
            confirm(database, post, person)

    def test_a_right_pin_is_accepted_while_nobody_can_write(self, database, post, shift, officer, monkeypatch):
        monkeypatch.setattr(type(database), "unit_of_work", None)
        monkeypatch.setattr("hwrisk.security.operations.duty.try_at_once", lambda *_: False)
        assert confirm(database, post, officer).account_id == officer.id
