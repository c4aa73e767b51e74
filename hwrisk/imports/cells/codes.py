"""Codes that must survive a spreadsheet: waste codes, unified social credit codes, other identities and numbers."""

from __future__ import annotations

import re

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from hwrisk.imports.cells.base import CellError, half_width, line_of, require, whole_of

FIRST_CATEGORY, LAST_CATEGORY = 1, 50
"""The National Catalogue of Hazardous Wastes has the categories HW01 to HW50."""
EXAMPLE = "如 900-041-49"
UNSORTED = "900-000-XX"
"""Code for identified waste that fits no other. Source: 国家危险废物名录（2025年版） 第六条第二款."""
MAX_EXACT = 10**15
"""Whole numbers from here on have lost digits in a spreadsheet."""

_DASHES = str.maketrans("−–—﹣‐‑_", "-------")
_CODE = re.compile(r"(?:HW ?([0-9]{1,3})[ :,/-]*)?([0-9]{3})-([0-9]{3})-([0-9]{2})")
_BARE = re.compile(r"[0-9]{8}")
_CATEGORY = re.compile(r"HW ?-?([0-9]{1,3})(?: ?[一-鿿].*)?")
_LETTERED = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_USCC_EXAMPLE = "18 位统一社会信用代码，见营业执照"


def parse_waste_code(value: object) -> str:
    """Return the waste code (废物代码) as `900-041-49`, or `900-000-XX`; the last two digits are its category.

    Whether the edition of the day lists it is the catalogue's question, not this one's.

    Raises:
        CellError: blank, malformed, read as a number, category outside HW01–HW50, or `HWnn` beside another category.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise _as_number(value)
    text = half_width(require(line_of(value), "废物代码", EXAMPLE)).upper().translate(_DASHES)
    if text.replace(" ", "") == UNSORTED:
        return UNSORTED
    found = _CODE.fullmatch(text) or _CODE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise _malformed(text)
    code, category = f"{found[2]}-{found[3]}-{found[4]}", int(found[4])
    _check_category(category)
    if found[1] is not None and int(found[1]) != category:
        raise CellError(
            f"类别 HW{found[1]} 与代码 {code} 不符：代码末两位“{found[4]}”就是废物类别",
            f"HW{found[4]} {code}，或改正代码",
        )
    return code


def parse_waste_category(value: object) -> str:
    """Return the waste category (废物类别) as `HW08`; a name behind it (HW08 废矿物油…) is dropped.

    Raises:
        CellError: blank, malformed, or outside HW01–HW50.
    """
    text = half_width(require(line_of(value), "废物类别", "如 HW08")).upper()
    found = _CATEGORY.fullmatch(text)
    if found is None:
        raise CellError("废物类别格式不对", "HW 加两位数字，如 HW08")
    _check_category(int(found[1]))
    return f"HW{int(found[1]):02d}"


def _check_category(category: int) -> None:
    if not FIRST_CATEGORY <= category <= LAST_CATEGORY:
        raise CellError(f"废物类别 HW{category:02d} 不在 HW01–HW50 之内", "核对代码的末两位")


def _as_number(value: float) -> CellError:
    message = "废物代码被当作数字读入，可能已丢失前面的 0 和连字符"
    number = whole_of(value)
    if number is not None and 0 <= number < 100_000_000:
        digits = f"{number:08d}"
        return CellError(message, f"把该列设为文本后填 {digits[:3]}-{digits[3:6]}-{digits[6:]}（请核对）")
    return CellError(message, "把该列设为文本后重新填写，" + EXAMPLE)


def _malformed(text: str) -> CellError:
    if _BARE.fullmatch(text):
        return CellError("废物代码缺少连字符", f"{text[:3]}-{text[3:6]}-{text[6:]}")
    if _CATEGORY.fullmatch(text):
        return CellError("只写了废物类别，没有写废物代码", EXAMPLE)
    if len(re.findall(r"[0-9]{3}-[0-9]{3}-[0-9]{2}", text)) > 1:
        return CellError("一格里写了多个废物代码", "每种废物单独一行")
    return CellError("废物代码格式不对，应为“三位-三位-两位”数字", EXAMPLE)


def parse_uscc(value: object) -> str:
    """Return the unified social credit code (统一社会信用代码): 18 characters, upper case, check digit right.

    Raises:
        CellError: blank (asks for another kind of identity), read as a number, wrong length, letters or check digit.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise CellError("统一社会信用代码被当作数字读入，末尾几位已丢失", "把该列设为文本后重新填写 18 位代码")
    text = half_width(line_of(value)).upper().replace(" ", "").replace("-", "")
    if not text:
        raise CellError(
            "没有统一社会信用代码",
            "填写其他身份标识的种类、号码和理由（医疗机构登记号、个体户注册号、事业单位证书号等）",
        )
    try:
        return str(uscc.validate(text))
    except InvalidLength:
        raise CellError(_length_message(text), _USCC_EXAMPLE) from None
    except InvalidChecksum:
        raise CellError("统一社会信用代码的校验位不对，可能抄错了一位", "逐位核对营业执照上的 18 位代码") from None
    except ValidationError:
        if _is_lettered(text):
            return text
        raise CellError(
            "统一社会信用代码中有不该出现的字符（不用字母 I、O、S、V、Z，第 3–8 位为数字）",
            "核对 I 与 1、O 与 0、S 与 5、Z 与 2，以及校验位",
        ) from None


def _is_lettered(text: str) -> bool:
    # GB 32100-2015 lets the first two characters be letters (Y1, N2 …), which the library's format check does not.
    if not _LETTERED.fullmatch(text):
        return False
    return bool(uscc.calc_check_digit(text) == text[-1])


def _length_message(text: str) -> str:
    if len(text) == 15 and text.isdigit():
        return "填的是 15 位旧工商注册号，不是统一社会信用代码"
    if len(text) == 9:
        return "填的是 9 位组织机构代码，不是统一社会信用代码"
    return f"统一社会信用代码应为 18 位，现为 {len(text)} 位"


def parse_code(value: object, *, what: str = "编号", length: int | None = None, max_length: int = 64) -> str:
    """Return an identifying number as text, without spaces; leading zeros are kept.

    Raises:
        CellError: blank, too long, or read as a number that has lost digits or leading zeros.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _code_of_number(value, what, length)
    text = half_width(require(line_of(value), what)).replace(" ", "")
    if length is not None and len(text) != length:
        raise CellError(f"{what}应为 {length} 位，现为 {len(text)} 位", f"{length} 位{what}")
    if len(text) > max_length:
        raise CellError(f"{what}过长，最多 {max_length} 个字符，现为 {len(text)} 个")
    return text


def _code_of_number(value: float, what: str, length: int | None) -> str:
    number = whole_of(value)
    if number is None or not 0 <= number < MAX_EXACT:
        raise CellError(f"{what}被当作数字读入，已丢失几位", "把该列设为文本后重新填写")
    text = str(number)
    if length is not None and len(text) != length:
        right = f"把该列设为文本后填 {text.zfill(length)}（请核对）" if len(text) < length else None
        raise CellError(f"{what}被当作数字读入，应为 {length} 位，现为 {len(text)} 位", right)
    return text


def parse_identity(value: object) -> str:
    """Return the number of another kind of identity (其他身份标识): capitals, digits and hyphens, 4 to 40 characters.

    Raises:
        CellError: blank, read as a number that lost digits, too short or too long.
    """
    text = parse_code(value, what="身份标识号码", max_length=40)
    if len(text) < 4:
        raise CellError("身份标识号码过短，至少 4 个字符", "完整填写证书上的号码")
    return text.upper()
