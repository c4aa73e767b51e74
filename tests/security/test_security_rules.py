from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.errors import RuleViolation, SetupError
from hwrisk.security import hashing
from hwrisk.security.policy import PasswordRules, SignInRules, read_rules
from hwrisk.security.roles import Role
from hwrisk.security.rules import (
    check_password,
    check_pin,
    check_username,
    fingerprint,
    is_password_old,
    normal_username,
    password_faults,
    session_end,
    wait_after,
)

RULES = PasswordRules()
ENTRY = SignInRules()
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


class TestUsername:
    @pytest.mark.parametrize(
        ("typed", "normal"),
        [(" Zhang.San ", "zhang.san"), ("ＺＨＡＮＧ１", "zhang1"), ("张三", "张三"), ("STRASSE", "strasse")],
    )
    def test_one_person_has_one_form(self, typed, normal):
        assert normal_username(typed) == normal

    @given(st.text())
    def test_the_normal_form_is_stable(self, typed):
        once = normal_username(typed)
        assert fingerprint(once) == fingerprint(once)
        assert len(fingerprint(typed)) == 64

    @pytest.mark.parametrize("name", ["", "a", "a b", "甲;乙", "x" * 65, "a\x00b"])
    def test_other_forms_are_refused(self, name):
        with pytest.raises(RuleViolation, match="用户名须为"):
            check_username(name)


class TestPassword:
    @pytest.mark.parametrize(
        ("password", "said"),
        [
            ("Ab1!xyQ", "至少 8 位"),
            ("abcxyzqwe1", "3 类"),
            ("Zhang.San-7", "不得包含用户名"),
            ("Lan1111-tian", "相同或连续"),
            ("Lan-abcd9", "相同或连续"),
            ("Lan-9876x", "相同或连续"),
            ("Lan\t-Tian9", "控制字符"),
            ("Aa1-" * 40, "最多 128 位"),
        ],
    )
    def test_each_fault_has_its_own_words(self, password, said):
        assert any(said in fault for fault in password_faults(password, username="zhang.san", rules=RULES))

    @pytest.mark.parametrize("password", ["Lan-Tian9", "蓝天白云-Lan9", "aB3aB3aB3"])
    def test_a_good_one_passes(self, password):
        assert password_faults(password, username="zhang.san", rules=RULES) == []

    def test_all_faults_are_named_at_once(self):
        with pytest.raises(RuleViolation, match="密码至少 8 位；须含") as caught:
            check_password("abc", username="zhang", rules=RULES)
        assert caught.value.field == "password"

    @given(st.text(max_size=140))
    def test_what_passes_keeps_every_rule(self, password):
        if not password_faults(password, username="zhang", rules=RULES):
            assert RULES.min_length <= len(password) <= 128
            assert "zhang" not in password.casefold()
            assert not any(password[i] * 4 == password[i : i + 4] for i in range(len(password) - 3))

    @given(st.integers(2, 10))
    def test_one_time_passwords_keep_the_rules(self, _):
        made = hashing.new_one_time_password("zhang")
        assert password_faults(made, username="zhang", rules=RULES) == []
        assert not set(made) & set("0O1lI")


class TestPin:
    @pytest.mark.parametrize("pin", ["", "12345", "1234567", "12a456", "１２３４５６", "٣٣٣٣٣٣"])
    def test_six_digits(self, pin):
        with pytest.raises(RuleViolation, match="6 位数字"):
            check_pin(pin)

    @pytest.mark.parametrize("pin", ["111111", "123456", "654321", "121212", "701234"])
    def test_what_is_guessed_first_is_refused(self, pin):
        with pytest.raises(RuleViolation, match="过于简单"):
            check_pin(pin)

    def test_others_pass(self):
        check_pin("290317")


class TestWaitAfter:
    @pytest.mark.parametrize(
        ("failures", "seconds"), [(0, 0), (10, 0), (11, 1), (12, 2), (13, 4), (16, 32), (17, 60), (10_000_000, 60)]
    )
    def test_it_doubles_up_to_its_end(self, failures, seconds):
        assert wait_after(failures, rules=ENTRY) == timedelta(seconds=seconds)

    @given(st.integers(0, 500))
    def test_one_more_failure_never_waits_less(self, failures):
        assert wait_after(failures, rules=ENTRY) <= wait_after(failures + 1, rules=ENTRY)


class TestSessionEnd:
    def end(self, role, seen_after):
        seen = AT + timedelta(hours=seen_after)
        return session_end(role, created_at=AT, last_seen_at=seen, idle_hours=12, rules=ENTRY) - AT

    @pytest.mark.parametrize(("seen_after", "hours"), [(0, 12), (1, 13), (12, 24), (20, 24)])
    def test_use_moves_the_end_on_up_to_a_day(self, seen_after, hours):
        assert self.end(Role.COUNTY, seen_after) == timedelta(hours=hours)

    @pytest.mark.parametrize("seen_after", [0, 20])
    def test_a_duty_post_stays_open_for_the_shift_used_or_not(self, seen_after):
        assert self.end(Role.DUTY, seen_after) == timedelta(hours=36)


class TestIsPasswordOld:
    @pytest.mark.parametrize(("days", "old"), [(89, False), (90, True), (91, True)])
    def test_on_the_day_it_expires(self, days, old):
        assert is_password_old(Role.CITY, AT, at=AT + timedelta(days=days), rules=RULES) is old

    def test_a_duty_post_is_never_held_up(self):
        assert not is_password_old(Role.DUTY, AT, at=AT + timedelta(days=900), rules=RULES)

    def test_zero_means_never(self):
        never = PasswordRules(expires_days=0)
        assert not is_password_old(Role.CITY, AT, at=AT + timedelta(days=900), rules=never)


class TestPolicy:
    def test_the_environment_overrides_the_default(self):
        given = {"HWRISK_PASSWORD_MIN_LENGTH": "12", "HWRISK_PASSWORD_HISTORY": " "}
        assert read_rules(PasswordRules, "HWRISK_PASSWORD_", given) == PasswordRules(min_length=12)

    def test_what_is_no_number_is_named(self):
        with pytest.raises(SetupError, match="HWRISK_SIGNIN_LOCK_MINUTES"):
            read_rules(SignInRules, "HWRISK_SIGNIN_", {"HWRISK_SIGNIN_LOCK_MINUTES": "-1"})


class TestHashing:
    def test_a_hash_is_argon2id_and_fits_its_column(self, monkeypatch):
        from argon2 import PasswordHasher

        monkeypatch.setattr(hashing, "_hasher", PasswordHasher)
        made = hashing.hash_secret("Lan-Tian9")
        assert made.startswith("$argon2id$")
        assert len(made) <= 255
        assert hashing.matches(made, "Lan-Tian9")
        assert not hashing.is_outdated(made)

    def test_full_width_signs_are_the_same_password(self):
        assert hashing.matches(hashing.hash_secret("Lan-Tian9"), "Ｌａｎ－Ｔｉａｎ９")

    @pytest.mark.parametrize("stored", [None, "", "no hash"])
    def test_without_a_hash_nothing_matches(self, stored):
        assert not hashing.matches(stored, "nobody")

    def test_a_very_long_text_is_not_even_hashed(self, monkeypatch):
        monkeypatch.setattr(hashing, "_hasher", None)
        assert not hashing.matches("x", "a" * 129)

    def test_tokens_are_256_random_bits(self):
        made = {hashing.new_token() for _ in range(100)}
        assert len(made) == 100
        assert {len(token) for token in made} == {43}
