import pytest

from hwrisk.catalogue.models import StreamTag
from hwrisk.catalogue.rules import category_of, check_code, propose_tag
from hwrisk.errors import RuleViolation


class TestCheckCode:
    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("900-041-49", "900-041-49"),
            (" 900-041-49 ", "900-041-49"),
            ("９００－０４１－４９", "900-041-49"),
            ("HW49 900-041-49", "900-041-49"),
            ("900-000-XX", "900-000-XX"),
            ("900-000-xx", "900-000-XX"),
            ("261-001-50", "261-001-50"),
        ],
    )
    def test_well_formed_codes_come_back_in_normal_form(self, typed, code):
        assert check_code(typed) == code

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "不能为空"),
            ("90004149", "缺少连字符"),
            ("900-041", "格式不对"),
            ("HW08", "没有写废物代码"),
            ("900-041-51", "HW51 不在 HW01–HW50 之内"),
            ("900-041-00", "HW00 不在 HW01–HW50 之内"),
            ("HW08 900-041-49", "代码末两位“49”就是废物类别"),
            ("900-041-49、900-249-08", "多个废物代码"),
            ("900-001-XX", "格式不对"),
        ],
    )
    def test_each_fault_has_its_own_sentence(self, typed, sentence):
        with pytest.raises(RuleViolation, match=sentence) as caught:
            check_code(typed)
        assert caught.value.field == "waste_code"


class TestCategoryOf:
    def test_the_last_two_digits_are_the_category(self):
        assert category_of("900-249-08") == "HW08"

    def test_the_code_for_what_fits_no_other_has_none(self):
        assert category_of("900-000-XX") == ""


class TestProposeTag:
    TAGS = (
        StreamTag(tag="oil", label="废矿物油", kind="stream", aliases="废机油;废油"),
        StreamTag(tag="emulsion", label="废乳化液", kind="stream", aliases="乳化液;切削液"),
        StreamTag(tag="seized", label="涉案查封", kind="circumstance", aliases=""),
    )

    @pytest.mark.parametrize(
        ("name", "tag"),
        [
            ("设备检修废机油", "oil"),
            ("废油乳化液", "emulsion"),
            ("废 油", "oil"),
            ("含铬污泥", None),
            ("涉案查封", None),
        ],
    )
    def test_the_longest_name_within_it_decides(self, name, tag):
        assert propose_tag(name, self.TAGS) == tag
