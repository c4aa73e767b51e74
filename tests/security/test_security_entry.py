from datetime import timedelta
from itertools import pairwise

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from hwrisk import audit
from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security import hashing
from hwrisk.security.models import Account, LoginAttempt, WebSession
from hwrisk.security.operations import (
    change_password,
    change_role,
    disable_account,
    enable_account,
    open_session,
    reset_password,
    sign_in,
    sign_out,
    unlock_account,
)
from hwrisk.security.operations.entry import WRONG
from hwrisk.security.policy import SignInRules
from hwrisk.security.queries import account_by_token
from hwrisk.security.roles import AttemptOutcome, Role
from hwrisk.security.rules import fingerprint, wait_after
from hwrisk.security.viewer import Viewer, viewer_of
from tests.security.conftest import PASSWORD

pytestmark = pytest.mark.db

HERE = "10.0.0.8"


def enter(database, username, password=PASSWORD, *, address=HERE, after=timedelta(0)):
    return sign_in(database, username, password, address=address, at=now() + after, user_agent="Chromium")


def fail(database, username, times, *, address=HERE, after=timedelta(0)):
    said = ""
    for _ in range(times):
        with pytest.raises(RuleViolation) as caught:
            enter(database, username, "wrong", address=address, after=after)
        said = caught.value.message
    return said


def whose(database, token, *, after=timedelta(0)):
    with database.session() as session:
        account = account_by_token(session, token, at=now() + after)
        return account.username if account else None


def outcomes(database):
    with database.session() as session:
        return list(session.scalars(select(LoginAttempt.outcome).order_by(LoginAttempt.id)))


def acts(database):
    with database.session() as session:
        return [entry.action for entry in audit.entries(session)]


class TestSignIn:
    def test_the_right_password_opens(self, database, people):
        account = people()
        token = enter(database, account.username)
        assert whose(database, token) == account.username
        assert outcomes(database) == [AttemptOutcome.OK]
        assert acts(database)[0] == "session.sign_in"

    def test_the_name_is_taken_as_people_type_it(self, database, people):
        people(username="zhang.san")
        assert whose(database, enter(database, " ＺＨＡＮＧ.San ")) == "zhang.san"

    def test_only_the_hash_of_the_token_is_stored(self, database, people):
        token = enter(database, people().username)
        with database.session() as session:
            stored = session.scalars(select(WebSession)).one()
        assert stored.token_hash == fingerprint(token)
        assert token not in str(vars(stored))
        assert (stored.address, stored.user_agent) == (HERE, "Chromium")

    def test_a_failure_is_kept_although_the_caller_gets_an_error(self, database, people):
        account = people()
        assert fail(database, account.username, 1) == WRONG
        with database.session() as session:
            assert session.get_one(Account, account.id).failed_attempts == 1
        assert outcomes(database) == [AttemptOutcome.WRONG]

    def test_a_name_nobody_has_is_answered_alike(self, database):
        assert fail(database, "nobody", 1) == WRONG

    def test_the_typed_name_is_not_kept(self, database):
        fail(database, "MyPassword1!", 1)
        with database.session() as session:
            stored = session.scalars(select(LoginAttempt)).one()
        assert "mypassword" not in str(vars(stored)).lower()

    def test_an_account_without_a_password_does_not_open(self, database, people):
        account = people(password="")
        for typed in ("", "nobody"):
            with pytest.raises(RuleViolation, match=WRONG):
                enter(database, account.username, typed)

    def test_a_weak_hash_is_made_anew(self, database, people, monkeypatch):
        account = people()
        stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
        monkeypatch.setattr(hashing, "_hasher", lambda: stronger)
        enter(database, account.username)
        with database.session() as session:
            assert "m=16,t=2" in session.get_one(Account, account.id).password_hash
        assert whose(database, enter(database, account.username)) == account.username

    def test_a_good_sign_in_forgets_the_failures_before(self, database, people):
        account = people()
        fail(database, account.username, 4)
        enter(database, account.username)
        fail(database, account.username, 4)
        assert whose(database, enter(database, account.username))


class TestLock:
    def test_the_fifth_failure_locks_and_the_right_password_does_not_open(self, database, people):
        account = people()
        assert fail(database, account.username, 5) == WRONG
        with pytest.raises(RuleViolation, match="已锁定至 11月23日 10:30"):
            enter(database, account.username)
        assert "account.lock" in acts(database)
        assert outcomes(database)[-1] is AttemptOutcome.LOCKED

    def test_the_lock_ends(self, database, people):
        account = people()
        fail(database, account.username, 5)
        assert enter(database, account.username, after=timedelta(minutes=30))

    def test_the_security_administrator_lifts_it(self, database, people, system):
        account = people()
        fail(database, account.username, 5)
        with database.unit_of_work() as session:
            unlock_account(session, session.get_one(Account, account.id), actor=system)
        assert enter(database, account.username)

    def test_a_name_nobody_has_is_locked_alike(self, database):
        fail(database, "nobody", 5)
        assert "已锁定至 11月23日 10:30" in fail(database, "nobody", 1)
        assert fail(database, "nobody", 1, after=timedelta(minutes=30)) == WRONG

    def test_a_duty_post_is_never_locked(self, database, people):
        post = people(Role.DUTY)
        fail(database, post.username, 10)
        assert whose(database, enter(database, post.username, address="10.0.0.9")) == post.username

    def test_others_are_not_locked(self, database, people):
        first, second = people(), people()
        fail(database, first.username, 5)
        assert enter(database, second.username)


class TestSlowDown:
    def hammer(self, database, times):
        """Fail as often and as soon as the address is let, and return how long that took."""
        passed = timedelta(0)
        for number in range(times):
            passed += wait_after(number, rules=SignInRules())
            fail(database, f"nobody{number}", 1, after=passed)
        return passed

    def test_an_address_with_many_failures_waits(self, database, people):
        account = people()
        passed = self.hammer(database, 13)
        with pytest.raises(RuleViolation, match="请 4 秒后再试"):
            enter(database, account.username, after=passed)
        assert enter(database, account.username, after=passed + timedelta(seconds=4))

    def test_another_address_does_not(self, database, people):
        account = people()
        passed = self.hammer(database, 13)
        assert enter(database, account.username, address="10.0.0.9", after=passed)

    def test_who_hammers_on_does_not_make_it_longer(self, database, people):
        passed = self.hammer(database, 13)
        before = len(outcomes(database))
        assert "秒后再试" in fail(database, "nobody", 20, after=passed)
        assert len(outcomes(database)) == before

    def test_it_is_forgotten_after_the_window(self, database, people):
        account = people()
        passed = self.hammer(database, 20)
        assert "秒后再试" in fail(database, "nobody", 1, after=passed)
        assert enter(database, account.username, after=passed + timedelta(minutes=15))


class TestDisabled:
    def test_disabling_acts_at_the_next_request(self, database, people, system):
        account, other = people(), people()
        token = enter(database, account.username)
        with database.unit_of_work() as session:
            disable_account(session, session.get_one(Account, account.id), actor=Viewer.acting(other), at=now())
        assert whose(database, token) is None
        with pytest.raises(RuleViolation, match="账号已停用"):
            enter(database, account.username)
        assert fail(database, account.username, 1) == WRONG

    def test_enabling_does_not_bring_old_sign_ins_back(self, database, people, system):
        account = people()
        token = enter(database, account.username)
        with database.unit_of_work() as session:
            disable_account(session, session.get_one(Account, account.id), actor=system, at=now())
            enable_account(session, session.get_one(Account, account.id), actor=system)
        assert whose(database, token) is None
        assert enter(database, account.username)

    def test_a_changed_role_acts_at_the_next_request(self, database, people, system):
        account = people(Role.COUNTY, office="320722")
        token = enter(database, account.username)
        day = now().date()
        with database.unit_of_work() as session:
            change_role(session, session.get_one(Account, account.id), Role.ENTERPRISE, on=day, actor=system)
        with database.session() as session:
            viewer = viewer_of(session, account_by_token(session, token, at=now()), on=day)
        assert (viewer.role, viewer.offices, viewer.is_city_wide) == (Role.ENTERPRISE, frozenset(), False)


class TestSignOut:
    def test_the_token_opens_nothing_any_more(self, database, people):
        account = people()
        token, other = enter(database, account.username), enter(database, account.username)
        with database.unit_of_work() as session:
            sign_out(session, token, at=now())
        assert (whose(database, token), whose(database, other)) == (None, account.username)
        assert acts(database)[0] == "session.sign_out"

    def test_a_second_time_and_a_foreign_token_are_no_errors(self, database, people):
        token = enter(database, people().username)
        for typed in (token, token, "nothing"):
            with database.unit_of_work() as session:
                sign_out(session, typed, at=now())
        assert acts(database).count("session.sign_out") == 1

    @pytest.mark.parametrize(("hours", "holds"), [(11, True), (12, False)])
    def test_an_unused_sign_in_ends(self, database, people, hours, holds):
        account = people()
        token = enter(database, account.username)
        assert (whose(database, token, after=timedelta(hours=hours)) is not None) is holds

    def test_a_sign_in_without_password_for_those_known_otherwise(self, database, people):
        account = people()
        with database.unit_of_work() as session:
            token = open_session(session, account, at=now())
        assert whose(database, token) == account.username


class TestPasswords:
    def change(self, database, account, old, new, token="none"):
        change_password(database, account.id, old=old, new=new, token=token, address=HERE, at=now())

    def test_a_changed_password_ends_the_other_sign_ins(self, database, people):
        account = people()
        here, there = enter(database, account.username), enter(database, account.username)
        self.change(database, account, PASSWORD, "Bai-Yun77", here)
        assert (whose(database, here), whose(database, there)) == (account.username, None)
        assert enter(database, account.username, "Bai-Yun77")
        assert "account.password" in acts(database)

    def test_the_old_one_is_asked_for_and_counts_as_an_attempt(self, database, people):
        account = people()
        with pytest.raises(RuleViolation, match="原密码不正确") as caught:
            self.change(database, account, "wrong", "Bai-Yun77")
        assert caught.value.field == "old"
        assert outcomes(database) == [AttemptOutcome.WRONG]

    @pytest.mark.parametrize(("new", "said"), [("short", "至少 8 位"), (PASSWORD, "最近 5 次用过")])
    def test_a_bad_new_one_is_refused(self, database, people, new, said):
        account = people()
        with pytest.raises(RuleViolation, match=said) as caught:
            self.change(database, account, PASSWORD, new)
        assert caught.value.field == "new"

    def test_the_sixth_password_may_be_the_first_again(self, database, people):
        account = people()
        used = [PASSWORD, "Bai-Yun77", "Bai-Yun88", "Bai-Yun99", "Bai-Yun66", "Bai-Yun55"]
        for old, new in pairwise(used):
            self.change(database, account, old, new)
        with pytest.raises(RuleViolation, match="用过"):
            self.change(database, account, used[-1], used[1])
        self.change(database, account, used[-1], PASSWORD)

    def test_a_reset_gives_a_one_time_password(self, database, people, system):
        account = people()
        token = enter(database, account.username)
        fail(database, account.username, 5)
        with database.unit_of_work() as session:
            made = reset_password(session, session.get_one(Account, account.id), actor=system, at=now())
        assert whose(database, token) is None
        with database.session() as session:
            assert session.get_one(Account, account.id).must_change_password
        fresh = enter(database, account.username, made)
        self.change(database, account, made, "Bai-Yun77", fresh)
        with database.session() as session:
            stored = session.get_one(Account, account.id)
        assert (stored.must_change_password, stored.one_time_until) == (False, None)

    def test_a_one_time_password_gets_too_old(self, database, people, system):
        account = people()
        with database.unit_of_work() as session:
            made = reset_password(session, session.get_one(Account, account.id), actor=system, at=now())
        with pytest.raises(RuleViolation, match="一次性密码已过期"):
            enter(database, account.username, made, after=timedelta(hours=72))
        assert enter(database, account.username, made, after=timedelta(hours=71))

    def test_no_secret_stands_in_the_audit_trail(self, database, people, system):
        account = people()
        with database.unit_of_work() as session:
            made = reset_password(session, session.get_one(Account, account.id), actor=system, at=now())
        token = enter(database, account.username, made)
        self.change(database, account, made, "Bai-Yun77", token)
        with database.session() as session:
            written = " ".join(f"{e.actor_label} {e.object_id} {e.summary}" for e in audit.entries(session))
        for secret in (made, token, fingerprint(token), "Bai-Yun77", PASSWORD, "argon2"):
            assert secret not in written
