from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.imports.cells import (
    BrokenCell,
    CellError,
    format_tonnes,
    near_names,
    parse_choice,
    parse_code,
    parse_day,
    parse_identity,
    parse_text,
    parse_tonnes,
    parse_uscc,
    parse_waste_category,
    parse_waste_code,
    parse_whole,
    shown,
)

AS_OF = date(2026, 11, 23)
ANYTHING = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="0123456789.,-+eE１２．－ kgt吨HW年月日/万(）%_∞٣²", max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.decimals(),
    st.builds(BrokenCell, st.text(min_size=1, max_size=5)),
)
PARSERS = [
    parse_tonnes,
    lambda value: parse_day(value, as_of=AS_OF),
    parse_waste_code,
    parse_waste_category,
    parse_uscc,
    parse_code,
    lambda value: parse_code(value, length=14),
    parse_identity,
    parse_text,
    parse_whole,
    lambda value: parse_choice(value, {"在产": 1, "停产": 2}),
]


class TestTonnes:
    @pytest.mark.parametrize(
        ("value", "tonnes"),
        [
            ("12.5", "12.5"), ("１２．５", "12.5"), (" 12.5 ", "12.5"), ("　12.5", "12.5"), ("+3", "3"), (".5", "0.5"),
            ("5.", "5"), ("007", "7"), ("1,234.5", "1234.5"), ("1,234,567", "1234567"), ("0", "0"), ("1.50000", "1.5"),
            ("5t", "5"), ("5 吨", "5"), ("5（吨）", "5"), ("1。5", "1.5"), (12.5, "12.5"), (3, "3"), (0.1 + 0.2, "0.3"),
            (0.30000000000000004, "0.3"), (0.3 - 0.1 - 0.2, "0"), (-0.0, "0"), (12345678.1234, "12345678.1234"),
            (Decimal("1.2345"), "1.2345"), (99999999.9999, "99999999.9999"),
        ],
    )  # fmt: skip
    def test_taken(self, value, tonnes):
        assert parse_tonnes(value) == Decimal(tonnes)
        assert not parse_tonnes(value).is_signed()

    @pytest.mark.parametrize(
        ("value", "message", "right"),
        [
            ("", "不能为空", "吨数"), (None, "不能为空", "吨数"), ("-5", "负数", "5"), (-5.0, "负数", "5"),
            ("－5", "负数", "5"), ("(5)", "负数", "吨数"), ("-0", "负数", "0"), ("5kg", "千克", "0.005"),
            ("1,500 kg", "千克", "1.5"), ("5公斤", "公斤", "0.005"), ("3万吨", "万吨", "30000"),
            ("1.2万", "万吨", "12000"), ("5㎏", "千克", "0.005"),
            ("1e3", "科学计数法", "1000"), ("1.5E+05", "科学计数法", "150000"), ("1e400", "科学计数法", "吨数"),
            ("inf", "有限", "吨数"), ("Infinity", "有限", "吨数"), ("NaN", "有限", "吨数"), ("sNaN", "有限", "吨数"),
            (math.inf, "有限", "吨数"), (math.nan, "有限", "吨数"), (Decimal("sNaN"), "有限", "吨数"),
            ("1.23456", "四位小数", "1.2346"), (0.00005, "四位小数", "0.0001"), ("999999999", "过大", "吨"),
            (1e300, "过大", "吨"), ("1_000", "“_000”", "吨"), ("٣", "0–9", "吨数"), ("五", "中文数字", "吨数"),
            ("1,5", "逗号", "去掉"), ("12,34", "逗号", "去掉"), ("5²", "“²”", "吨"), ("5%", "百分数", "吨数"),
            ("约5", "不是数字", "吨数"), (True, "TRUE", "吨数"), (date(2026, 1, 1), "日期", "常规"),
            ("#DIV/0!", "公式错误", "公式"), (BrokenCell("此格是公式", "填数值"), "此格是公式", "填数值"),
            ("9" * 100, "过长", "吨数"), ("1\x002", "控制字符", "重新输入"),
        ],
    )  # fmt: skip
    def test_refused_with_what_is_right(self, value, message, right):
        with pytest.raises(CellError) as refusal:
            parse_tonnes(value)
        assert message in refusal.value.message
        assert right in (refusal.value.right or "")

    def test_zero_is_refused_where_a_quantity_must_move(self):
        with pytest.raises(CellError, match="大于 0"):
            parse_tonnes("0", positive=True)

    @given(st.integers(min_value=0, max_value=999_999_999_999))
    def test_what_is_formatted_is_parsed_again(self, units):
        tonnes = Decimal(units).scaleb(-4)
        text = format_tonnes(tonnes)
        wide = text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
        assert (
            parse_tonnes(text) == parse_tonnes(wide) == parse_tonnes(f"{tonnes:,f}") == parse_tonnes(tonnes) == tonnes
        )

    # The largest quantity itself is left out: its noise lies beyond the range.
    @given(st.integers(min_value=0, max_value=999_999_999_998), st.integers(min_value=-3, max_value=3))
    def test_a_float_with_its_noise_is_the_number_that_was_typed(self, units, ulps):
        value = float(Decimal(units).scaleb(-4))
        for _ in range(abs(ulps)):
            value = math.nextafter(value, math.inf if ulps > 0 else -math.inf)
        assert parse_tonnes(value) == Decimal(units).scaleb(-4)

    @given(st.floats(min_value=0, max_value=1e8))
    def test_a_float_is_taken_only_within_its_noise(self, value):
        try:
            taken = parse_tonnes(value)
        except CellError:
            return
        assert abs(Decimal(value) - taken) <= Decimal("0.0000001")


class TestDay:
    @pytest.mark.parametrize(
        "value",
        [
            "2026-11-03", "2026/11/3", "2026.11.3", "2026年11月3日", "2026 年 11 月 3 日", "20261103", 20261103.0,
            "２０２６－１１－０３", "2026-11-03 00:00:00", "2026/11/3 8:30", date(2026, 11, 3),
            datetime(2026, 11, 3, 9),  # noqa: DTZ001 - a spreadsheet knows no zones
        ],
    )  # fmt: skip
    def test_taken(self, value):
        assert parse_day(value, as_of=AS_OF) == date(2026, 11, 3)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("", "不能为空"), ("2026-02-29", "没有 2026 年 2 月 29 日"), ("2026-13-01", "没有"), ("11/03/2026", "最后"),
            ("26-11-03", "四位"), ("2026-11", "缺少日"), ("2026年11月", "缺少日"), ("昨天", "看不出"),
            (46329.0, "序号"), (12.5, "看不出"), (math.nan, "看不出"), (time(3), "日期"), (True, "日期"),
            ("2026-11-24", "未来"), ("1989-12-31", "早于"), (date(1899, 12, 30), "早于"),
        ],
    )  # fmt: skip
    def test_refused(self, value, message):
        with pytest.raises(CellError, match=message):
            parse_day(value, as_of=AS_OF)

    def test_no_day_is_beyond_all_reckoning(self):
        assert parse_day("2199-12-31") == date(2199, 12, 31)
        with pytest.raises(CellError, match="晚于 2199-12-31"):
            parse_day("9999-12-31")

    def test_the_day_of_the_check_is_not_the_future(self):
        assert parse_day("2026-11-23", as_of=AS_OF) == AS_OF

    def test_a_serial_number_offers_its_day(self):
        with pytest.raises(CellError) as refusal:
            parse_day(46329)
        assert "2026-11-03" in (refusal.value.right or "")

    @given(
        st.dates(date(1990, 1, 1), date(2199, 12, 31)),
        st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"]),
    )
    def test_what_is_formatted_is_parsed_again(self, day, form):
        assert parse_day(day.strftime(form).rjust(8, "0")) == day


class TestWasteCode:
    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("900-041-49", "900-041-49"), ("９００－０４１－４９", "900-041-49"), ("HW49 900-041-49", "900-041-49"),
            ("hw49-900-041-49", "900-041-49"), (" 071-001-08 ", "071-001-08"), ("900–041–49", "900-041-49"),
            ("900-000-xx", "900-000-XX"), ("900 - 041 - 49", "900-041-49"),
        ],
    )  # fmt: skip
    def test_taken(self, value, code):
        assert parse_waste_code(value) == code

    @pytest.mark.parametrize(
        ("value", "message", "right"),
        [
            ("", "不能为空", "900"), ("900-041-51", "HW51 不在", "末两位"), ("900-041-00", "HW00 不在", "末两位"),
            ("HW08 900-041-49", "不符", "HW49"), ("90004149", "连字符", "900-041-49"),
            (90004149.0, "数字", "900-041-49"),
            (7100108.0, "数字", "071-001-08"), (1.5, "数字", "文本"), ("HW49", "只写了废物类别", "900"),
            ("900-41-49", "三位-三位-两位", "900"), ("900-041-49、900-047-49", "多个", "单独一行"),
            ("废油", "格式", "900"),
        ],
    )  # fmt: skip
    def test_refused_with_what_is_right(self, value, message, right):
        with pytest.raises(CellError) as refusal:
            parse_waste_code(value)
        assert message in refusal.value.message
        assert right in (refusal.value.right or "")

    @given(st.integers(0, 999), st.integers(0, 999), st.integers(1, 50))
    def test_every_well_formed_code_is_taken_with_and_without_its_category(self, industry, item, category):
        code = f"{industry:03d}-{item:03d}-{category:02d}"
        assert parse_waste_code(code) == parse_waste_code(f"HW{category:02d} {code}") == code

    def test_category(self):
        assert [parse_waste_category(text) for text in ("HW08", "hw8", "HW08 废矿物油")] == ["HW08"] * 3
        with pytest.raises(CellError, match="HW51 不在"):
            parse_waste_category("HW51")


class TestIdentity:
    @pytest.mark.parametrize(
        "value", ["91110000600037341L", "9111 0000 6000 37341l", "９１１１００００６０００３７３４１Ｌ"]
    )
    def test_taken(self, value):
        assert parse_uscc(value) == "91110000600037341L"

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("", "没有统一社会信用代码"), ("91110000600037341M", "校验位"), ("9111000060003734", "18 位，现为 16"),
            ("91110000600O37341L", "不该出现"), (911100006000373.0, "当作数字"), ("320700000012345", "旧工商注册号"),
            ("600037341", "组织机构代码"),
        ],
    )  # fmt: skip
    def test_refused(self, value, message):
        with pytest.raises(CellError, match=message):
            parse_uscc(value)

    def test_a_missing_code_asks_for_another_kind_of_identity(self):
        with pytest.raises(CellError) as refusal:
            parse_uscc("  ")
        assert "其他身份标识" in (refusal.value.right or "")

    def test_codes_keep_their_zeros_and_numbers_do_not_lose_digits(self):
        assert parse_code("00123 ") == "00123"
        assert parse_code(20260001.0) == "20260001"
        with pytest.raises(CellError, match="应为 14 位"):
            parse_code(1234.0, length=14)
        with pytest.raises(CellError, match="丢失"):
            parse_code(1.2345678901234567e17)
        with pytest.raises(CellError, match="过短"):
            parse_identity("12")


class TestOthers:
    def test_choices_offer_near_names(self):
        choices = {"在产": 1, "停产": 2, "关停未清零": 3}
        assert parse_choice(" 在 产 ", choices) == 1
        assert parse_choice("正常", choices, synonyms={"正常": 1}) == 1
        with pytest.raises(CellError) as refusal:
            parse_choice("关停", choices)
        assert refusal.value.right is not None and refusal.value.right.startswith("关停未清零")
        assert near_names("在场", choices) == ["在产"]

    def test_text(self):
        assert parse_text("a\n b\t c\u200b") == "a b c"
        assert parse_text(13800000000.0) == "13800000000"
        with pytest.raises(CellError, match="最多 3 个字"):
            parse_text("一二三四", max_length=3)
        with pytest.raises(CellError, match="控制字符"):
            parse_text("a\u202eb")

    def test_whole(self):
        assert parse_whole("１２") == parse_whole(12.0) == 12
        for value in ("1.5", 1.5, "-1", "1e3", math.nan, True, "9" * 18):
            with pytest.raises(CellError):
                parse_whole(value)

    def test_shown(self):
        assert [shown(value) for value in (None, 5.0, 0.5, True, "x" * 70)] == [
            "（空）",
            "5",
            "0.5",
            "TRUE",
            "x" * 60 + "…",
        ]
        assert shown("a\x00b") == "a�b"

    @pytest.mark.parametrize("parser", PARSERS)
    @given(value=ANYTHING)
    def test_nothing_but_a_cell_error_ever_comes_out(self, parser, value):
        try:
            parser(value)
        except CellError as refusal:
            assert refusal.message
