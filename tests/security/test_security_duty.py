from datetime import timedelta

import pytest
from sqlalchemy import event, select

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.security import roster
from hwrisk.security.checks import CHECKS
from hwrisk.security.models import Account, DutyPost, DutyRoster, LoginAttempt
from hwrisk.security.operations import (
    cancel_shift,
    change_pin,
    confirm_pin,
    create_post,
    disable_account,
    enter_shifts,
    put_on_roster,
    set_pin,
    sign_in,
    withdraw_shift,
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


def enter(session, post, person, begin, end, **changes):
    """Enter a shift from `begin` to `end` hours from now."""
    mine, at = session.get_one(DutyPost, post.id), now()
    values = {"starts_at": at + begin * HOUR, "ends_at": at + end * HOUR, "at": at, "actor": Viewer.system()}
    return enter_shifts(session, mine, session.get_one(Account, person.id), **(values | changes))


class TestEnterShifts:
    def test_one_shift_that_begins_now(self, database, post, officer):
        with database.unit_of_work() as session:
            (made,) = enter(session, post, officer, 0, 8)
        with database.session() as session:
            assert [row.id for row in on_duty(session, post, now())] == [made.id]
            (act,) = audit.entries(session, action="duty.roster")
        assert (act.object_id, act.summary["person"]) == (str(post.id), officer.label)

    def test_several_at_the_same_hours(self, session, post, officer):
        made = enter(session, post, officer, 10, 22, times=3, every_days=2)
        assert [row.starts_at - now() for row in made] == [10 * HOUR, 58 * HOUR, 106 * HOUR]
        assert roster.coming_shifts(session, post, at=now()) == made

    @pytest.mark.parametrize(
        ("hours", "said"),
        [((2, 2), "晚于"), ((3, 2), "晚于"), ((-9, -1), "已经过去"), ((-1, 2), "不填"), ((1, 200), "最长 7 天"),
         ((24 * 400, 24 * 400 + 8), "核对年份")],
    )  # fmt: skip
    def test_reversed_past_and_slips_are_refused(self, session, post, officer, hours, said):
        with pytest.raises(RuleViolation, match=said):
            enter(session, post, officer, *hours)
        assert roster.coming_shifts(session, post, at=now()) == []

    def test_a_taken_day_of_several_names_the_person_and_the_time(self, session, post, officer):
        enter(session, post, officer, 26, 30)
        with pytest.raises(RuleViolation, match=r"演示-zhao在 .*之间已排班") as caught:
            enter(session, post, officer, 1, 9, times=2)
        assert caught.value.field == "starts_at"

    @pytest.mark.parametrize("role", [Role.DUTY, Role.COUNTY, Role.ENTERPRISE, Role.SECADMIN, Role.LEADER])
    def test_only_who_sees_the_whole_city_stands_there(self, session, post, people, role):
        with pytest.raises(RuleViolation, match="可以当班"):
            enter(session, post, people(role), 0, 8)

    def test_a_disabled_person_or_a_closed_post_takes_no_shift(self, session, post, officer, people, system):
        gone = people(Role.COMMAND)
        disable_account(session, session.get_one(Account, gone.id), actor=system, at=now())
        with pytest.raises(RuleViolation, match="在用"):
            enter(session, post, gone, 0, 8)
        session.get_one(DutyPost, post.id).is_active = False
        session.flush()
        with pytest.raises(RuleViolation, match="已停用"):
            enter(session, post, officer, 0, 8)


class TestWithdrawShift:
    def test_before_it_begins_it_is_taken_off_and_kept(self, database, post, officer, system):
        with database.unit_of_work() as session:
            (made,) = enter(session, post, officer, 1, 8)
            withdraw_shift(session, made, at=now(), actor=system)
            assert roster.coming_shifts(session, post, at=now()) == []
            assert session.scalars(roster.past_shifts(post, at=now())).all() == [made]
        with database.session() as session:
            assert len(audit.entries(session, action="duty.cancel")) == 1

    def test_once_begun_it_stands(self, session, post, shift, system):
        mine = session.get_one(DutyRoster, shift.id)
        with pytest.raises(RuleViolation, match="已经开始"):
            withdraw_shift(session, mine, at=now(), actor=system)
        assert mine.cancelled_at is None


class TestStandings:
    def test_who_is_on_who_follows_and_where_nobody_is(self, session, post, shift, officer, system):
        enter(session, post, officer, 9, 12)
        (standing,) = roster.standings(session, user=system, at=now())
        assert [row.id for row in standing.on] == [shift.id]
        assert standing.following.starts_at == now() + 9 * HOUR
        assert standing.gap_from == now() + 7 * HOUR

    def test_a_disabled_person_leaves_a_gap(self, session, post, shift, officer, system):
        disable_account(session, session.get_one(Account, officer.id), actor=system, at=now())
        (standing,) = roster.standings(session, user=system, at=now())
        assert (standing.on, standing.gap_from) == ((), now())

    def test_a_post_sees_itself_alone(self, session, post, people, system):
        other = people(Role.DUTY)
        create_post(session, name="别处值班室", account=session.get_one(Account, other.id), actor=system)
        user = Viewer(account_id=other.id, label="别处", role=Role.DUTY, permissions=permissions_of(Role.DUTY))
        assert [each.post.name for each in roster.standings(session, user=user, at=now())] == ["别处值班室"]
        assert len(roster.standings(session, user=system, at=now())) == 2
        with pytest.raises(NotFound):
            roster.get_post(session, post.public_id, user=user)

    @pytest.mark.usefixtures("shift")
    def test_two_statements_however_many_posts(self, session, people, system):
        for number in range(4):
            create_post(session, name=f"值班室{number}", account=people(Role.DUTY, password=""), actor=system)
        session.commit()
        session.expunge_all()
        statements = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *sent: statements.append(sent[2]))
        assert len([each.post.account.label for each in roster.standings(session, user=system, at=now())]) == 5
        assert len([each for each in statements if "SAVEPOINT" not in each]) == 2


class TestChangePin:
    def test_the_password_confirms_it(self, database, people):
        person = people(Role.COMMAND)
        change_pin(database, person.id, password=PASSWORD, pin=PIN, address="10.0.0.8", at=now())
        with database.session() as session:
            assert session.get_one(Account, person.id).pin_hash
            (entry,) = audit.entries(session, action="account.pin")
        assert (entry.actor_id, entry.object_id) == (person.id, str(person.id))

    @pytest.mark.parametrize(
        ("password", "pin", "field"),
        [("Wrong-Pass9", PIN, "password"), (PASSWORD, "12345", "pin"), (PASSWORD, "123456", "pin"),
         (PASSWORD, "１２３４５６", "pin"), (PASSWORD, "112211", "pin")],
    )  # fmt: skip
    def test_what_is_refused(self, database, people, password, pin, field):
        person = people(Role.COMMAND)
        with pytest.raises(RuleViolation) as caught:
            change_pin(database, person.id, password=password, pin=pin, address="10.0.0.8", at=now())
        assert caught.value.field == field
        with database.session() as session:
            row = session.get_one(Account, person.id)
            assert (row.pin_hash, row.failed_attempts) == (None, int(field == "password"))


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
