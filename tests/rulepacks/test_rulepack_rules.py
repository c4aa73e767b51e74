from datetime import date
from decimal import Decimal

import pytest
from rulepack_samples import BODY, RUNNER, pack_text

from hwrisk.errors import BadFile
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.rulepacks.rules import MAX_CHARACTERS, as_plain, parse_pack, region_rank, run_cases
from hwrisk.rulepacks.trust import Trust


class TestParsePack:
    def test_header_parameters_and_cases_come_apart(self):
        pack = parse_pack(pack_text(effective_until="2026-12-31", note='"天数待核"'))
        assert (pack.pack_id, pack.version, pack.region, pack.trust) == (
            "days-limit",
            "2026.1",
            "320700",
            Trust.UNVERIFIED,
        )
        assert (pack.effective_from, pack.effective_until) == (date(2026, 1, 1), date(2026, 12, 31))
        assert pack.parameters == {"days": 7}
        assert pack.cases == (("第7天", {"start": "2026-02-25"}, {"last": "2026-03-04"}),)
        assert pack.note == "天数待核"

    def test_a_byte_order_mark_from_notepad_is_no_obstacle(self):
        assert parse_pack("\ufeff" + pack_text()).version == "2026.1"

    @pytest.mark.parametrize("key", ["id", "version", "title", "region", "source", "clause", "trust", "effective_from"])
    def test_a_missing_header_is_named(self, key):
        with pytest.raises(BadFile, match=f"规则包缺少 {key}"):
            parse_pack(pack_text(**{key: None}))

    @pytest.mark.parametrize(
        ("header", "message"),
        [
            ({"id": '"贮存"'}, "规则包的 id 写法不对，现为“贮存”"),
            ({"id": '"' + "a" * 65 + '"'}, "规则包的 id 太长，最多 64 个字符"),
            ({"version": '"1"'}, "规则包的 version 写法不对"),
            ({"version": "2026"}, "规则包的 version 应为带引号的文字，现为“2026”"),
            ({"region": '"连云港"'}, "应为CN 或六位行政区划代码"),
            ({"title": '"  "'}, "规则包的 title 不能为空"),
            ({"trust": '"sure"'}, "规则包的 trust 现为“sure”，应为 verified（已核）"),
            ({"effective_from": '"2026-01-01"'}, "effective_from 应为不带引号的日期"),
            ({"effective_from": "2026-01-01T08:00:00"}, "effective_from 应为不带引号的日期"),
            ({"effective_until": "2025-12-31"}, "早于 effective_from"),
            ({"note": "1"}, "note 应为文字"),
        ],
    )
    def test_a_wrong_header_says_what_would_be_right(self, header, message):
        with pytest.raises(BadFile, match=message):
            parse_pack(pack_text(**header))

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("rate = 0.7", "规则包的 rate 是小数 0.7，请写成带引号的文字"),
            ("limits = [{ share = 0.5 }]", "规则包的 limits 第1项.share 是小数 0.5"),
            ("rate = inf", "规则包的 rate 是小数 inf"),
            ("at = 2026-01-01T08:00:00", "规则包的 at 带有时刻"),
            ("at = 08:00:00", "规则包的 at 带有时刻"),
            ("big = 99999999999999", "规则包的 big 数值过大"),
            ('[[limit]]\ntrust = "maybe"', "规则包的 limit 第1项.trust 现为“maybe”"),
            ("case = 1", r"应写成 \[\[case\]\]"),
            ('[[case]]\nname = "甲"', r"规则包第1个 \[\[case\]\]应当且只应当有 name、input、expect"),
            ("[[case]]\nname = 1\ninput = { a = 1 }\nexpect = { b = 1 }", "的 name 应为不空的文字"),
            ('[[case]]\nname = "甲"\ninput = { a = 1 }\nexpect = {}', "“甲”的 expect 应为不空的表"),
            (BODY + BODY.replace("days = 7", ""), r"第2个 \[\[case\]\] 与前面的用例同名“第7天”"),
        ],
    )
    def test_a_wrong_body_names_the_place(self, body, message):
        with pytest.raises(BadFile, match=message):
            parse_pack(pack_text(body))

    def test_a_slip_of_the_pen_is_found_by_line(self):
        with pytest.raises(BadFile, match="规则包第9行第8列附近"):
            parse_pack(pack_text("days = = 7"))

    def test_an_unfinished_text_says_so(self):
        with pytest.raises(BadFile, match="规则包末尾不符合 TOML 格式"):
            parse_pack(pack_text('title2 = "未完'))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\x00",
            "days = 7\ndays = 8",
            "[" * 100_000,
            "a = " + "[" * 100_000,
            "a = " + "9" * 10_000,
            "x" * (MAX_CHARACTERS + 1),
        ],
    )
    def test_hostile_text_is_refused_in_one_sentence(self, text):
        with pytest.raises(BadFile):
            parse_pack(text)

    def test_the_same_text_has_the_same_fingerprint(self):
        assert parse_pack(pack_text()).body_sha256 == parse_pack(pack_text()).body_sha256
        assert parse_pack(pack_text()).body_sha256 != parse_pack(pack_text() + "\n").body_sha256


class TestRunCases:
    def test_a_case_passes_when_every_expected_name_comes_out(self):
        (result,) = run_cases(parse_pack(pack_text()), RUNNER)
        assert (result.name, result.passed, result.message) == ("第7天", True, "")
        assert result.expected == result.got == {"last": "2026-03-04"}

    def test_a_wrong_result_says_both_values(self):
        (result,) = run_cases(parse_pack(pack_text(BODY.replace("days = 7", "days = 8"))), RUNNER)
        assert (result.passed, result.message) == (False, "last 应为 2026-03-04，算得 2026-03-05")

    def test_a_name_the_runner_does_not_know_fails(self):
        (result,) = run_cases(parse_pack(pack_text(BODY.replace("last =", "first ="))), RUNNER)
        assert (result.passed, result.message) == (False, "first 应为 2026-03-04，算得 空")

    def test_a_runner_that_breaks_is_a_failed_case_not_a_crash(self):
        (result,) = run_cases(parse_pack(pack_text(BODY.replace("days = 7", 'days = "七"'))), RUNNER)
        assert not result.passed
        assert result.message.startswith("试算出错：")

    def test_one_is_not_true(self):
        text = pack_text('[[case]]\nname = "甲"\ninput = { a = 1 }\nexpect = { b = true }')
        (result,) = run_cases(parse_pack(text), CaseRunner("days-limit", lambda parameters, given: {"b": 1}))
        assert (result.passed, result.message) == (False, "b 应为 是，算得 1")


class TestAsPlain:
    def test_days_decimals_enums_and_tuples_become_json(self):
        value = {"a": date(2026, 1, 1), "b": (Decimal("1.50"), Trust.VERIFIED), "c": None, "d": True}
        assert as_plain(value) == {"a": "2026-01-01", "b": ["1.50", "verified"], "c": None, "d": True}


@pytest.mark.parametrize(("region", "rank"), [("CN", 0), ("320000", 1), ("320700", 2), ("320703", 3)])
def test_the_narrower_region_ranks_higher(region, rank):
    assert region_rank(region) == rank


class TestTrust:
    def test_only_what_is_verified_stands_without_a_mark(self):
        assert {trust.value: trust.suffix for trust in Trust} == {
            "verified": "",
            "second_hand": "（二手，待核）",
            "derived": "（推算，待核）",
            "unverified": "（待核）",
        }
        assert [trust.is_verified for trust in Trust] == [True, False, False, False]
