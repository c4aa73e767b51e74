"""Which column of a sheet is which: by exact names and listed synonyms, never by the order or parts of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hwrisk.errors import BadFile
from hwrisk.imports.cells import Cell, half_width, near_names
from hwrisk.imports.limits import HEAD_ROWS
from hwrisk.imports.reading import Sheet, Workbook
from hwrisk.imports.records import Layout, column_letter
from hwrisk.imports.template import Template, TemplateColumn

ERROR_TITLE = "错误说明"
GUIDE_SHEET = "填表说明"
VERSION_TITLE = "模板版本"

_BRACKETS = str.maketrans("[]【】〔〕{}〖〗〈〉<>", "()()()()()()()")
_MARKS = re.compile(r"\s+|\*|[(](?:必填|选填|必填项|选填项)[)]|[:]$")
_TAIL = re.compile(r"(.+?)[(](?:单位:?)?([^()]+)[)]")
_UNITS: dict[str, tuple[str, ...]] = {
    "t": ("t", "吨", "公吨", "ton", "tons", "tonne"), "kg": ("kg", "千克", "公斤", "㎏"), "万t": ("万t", "万吨"),
    "g": ("g", "克"), "t/a": ("t/a", "吨/年", "t/年"), "万t/a": ("万t/a", "万吨/年"), "kg/a": ("kg/a", "千克/年"),
    "m3": ("m3", "m³", "㎥", "立方米", "立方"), "L": ("l", "升"), "m2": ("m2", "m²", "㎡", "平方米"),
    "d": ("d", "天", "日"), "%": ("%",), "件": ("件", "个", "只", "桶", "袋"),
}  # fmt: skip
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_CONVERSIONS = {
    ("kg", "t"): "把数值除以 1000", ("万t", "t"): "把数值乘以 10000", ("g", "t"): "把数值除以 1000000",
    ("kg/a", "t/a"): "把数值除以 1000", ("万t/a", "t/a"): "把数值乘以 10000", ("t", "kg"): "把数值乘以 1000",
    ("t", "万t"): "把数值除以 10000", ("t/a", "万t/a"): "把数值除以 10000",
}  # fmt: skip


@dataclass
class Recognised:
    """A sheet whose columns are known; `first_row` is the zero-based index of the first row under the head."""

    sheet: Sheet
    first_row: int
    layout: Layout
    notes: list[str] = field(default_factory=list)
    """What the person should know: columns and sheets that are not read, another template version."""


@dataclass
class _Head:
    row: int
    matched: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def score(self) -> int:
        return len(self.matched) + len(self.faults)


def normal_heading(text: str) -> str:
    """Return a heading without width, spaces, kind of brackets, case and marks such as * or （必填）."""
    return _MARKS.sub("", half_width(text).translate(_BRACKETS)).casefold()


def split_unit(heading: str) -> tuple[str, str | None]:
    """Return the normal form of `heading` without its unit, and the unit, or None when there is none."""
    normal = normal_heading(heading)
    if (found := _TAIL.fullmatch(normal)) and (unit := _UNIT_OF.get(found[2])):
        return found[1], unit
    return normal, None


def recognise(template: Template, book: Workbook) -> Recognised:
    """Return the one sheet of `book` that has the form of `template`.

    Raises:
        BadFile: no sheet or several have it, the file is another template, a compulsory column or a unit is missing,
            a column comes twice or in another unit.
    """
    notes = _version_notes(template, book)
    heads = [(sheet, _best_head(template, sheet)) for sheet in book.sheets if sheet.name != GUIDE_SHEET]
    best = max((head.score for _, head in heads), default=0)
    if best < min(2, len(template.columns)):
        raise BadFile(_unrecognised(template, book))
    whole = [(sheet, head) for sheet, head in heads if not head.faults and not _missing(template, head)]
    if not whole:
        sheet, head = next(pair for pair in heads if pair[1].score == best)
        raise BadFile(_incomplete(template, sheet, head))
    sheet, head = _only(template, whole)
    if head.unknown:
        notes.append("以下各列不在模板中，没有读取：" + "、".join(head.unknown))
    others = [other.name for other, _ in heads if other is not sheet and other.rows]
    if others:
        notes.append("以下工作表没有读取：" + "、".join(others))
    titles = {column.key: column.title for column in template.columns}
    return Recognised(sheet, head.row + 1, Layout(sheet.name, head.matched, titles), notes)


def _best_head(template: Template, sheet: Sheet) -> _Head:
    heads = [_match(template, index, row) for index, row in enumerate(sheet.rows[:HEAD_ROWS])]
    return max(heads, key=lambda head: head.score, default=_Head(0))


def _match(template: Template, index: int, row: Sequence[Cell]) -> _Head:
    names = {split_unit(name)[0]: column for column in template.columns for name in (column.title, *column.synonyms)}
    head = _Head(index)
    for place, cell in enumerate(row):
        text = cell.strip() if isinstance(cell, str) else ""
        if not text or normal_heading(text) == ERROR_TITLE:
            continue
        column, unit = _column_of(text, names)
        if column is None:
            head.unknown.append(f"{column_letter(place)} 列“{text[:30]}”")
        elif fault := _unit_fault(text, column, unit):
            head.faults.append(f"{column_letter(place)}{index + 1} {fault}")
        elif column.key in head.matched:
            first = column_letter(head.matched[column.key])
            head.faults.append(f"{column_letter(place)} 列“{text[:30]}”与 {first} 列是同一项，请只保留一列")
        else:
            head.matched[column.key] = place
    return head


def _column_of(text: str, names: dict[str, TemplateColumn]) -> tuple[TemplateColumn | None, str | None]:
    base, unit = split_unit(text)
    if base in names:
        return names[base], unit
    # 数量kg, 数量/吨: a unit written without brackets is still a unit.
    for word in sorted(_UNIT_OF, key=len, reverse=True):
        rest = base.removesuffix(word).rstrip("/:-_") if base.endswith(word) else ""
        if rest in names and split_unit(names[rest].title)[1] is not None:
            return names[rest], _UNIT_OF[word]
    return None, None


def _unit_fault(text: str, column: TemplateColumn, unit: str | None) -> str | None:
    asked = split_unit(column.title)[1]
    if asked == unit:
        return None
    if asked is None:
        return f"标题“{text[:30]}”带了单位，应为“{column.title}”"
    if unit is None:
        return f"标题“{text[:30]}”没有写明单位，应为“{column.title}”；请核对数值的单位后改标题"
    how = _CONVERSIONS.get((unit, asked), "请换算数值")
    return f"标题“{text[:30]}”的单位是 {unit}，模板要求 {asked}：{how}，再把标题改为“{column.title}”"


def _missing(template: Template, head: _Head) -> list[TemplateColumn]:
    wanted = [column for column in template.columns if column.is_required or column.is_compulsory]
    return [column for column in wanted if column.key not in head.matched]


def _incomplete(template: Template, sheet: Sheet, head: _Head) -> str:
    parts = list(head.faults)
    # A column whose unit is wrong is not missing: it has its own sentence already.
    missing = [c.title for c in _missing(template, head) if not any(f"“{c.title}”" in fault for fault in head.faults)]
    if missing:
        parts.append("缺少必需的列：" + "、".join(f"“{title}”" for title in missing))
        if head.unknown:
            parts.append("未识别的列：" + "、".join(head.unknown) + _hint(missing, head.unknown))
    return f"工作表“{sheet.name}”第 {head.row + 1} 行的表头与“{template.sheet}”模板不符：" + "；".join(parts)


def _hint(missing: list[str], unknown: list[str]) -> str:
    pairs = [(name, near_names(name.partition("“")[2].rstrip("”"), missing, limit=1)) for name in unknown]
    near = [f"{name}是否应为“{names[0]}”" for name, names in pairs if names]
    return "（" + "；".join(near) + "）" if near else ""


def _unrecognised(template: Template, book: Workbook) -> str:
    wanted = "、".join(c.title for c in template.columns if c.is_required or c.is_compulsory)
    hidden = f"；隐藏的工作表（{'、'.join(book.hidden)}）不读取" if book.hidden else ""
    return f"没有找到“{template.sheet}”的表头：前 {HEAD_ROWS} 行中应有一行写着 {wanted}{hidden}。请使用空白模板填写"


def _only(template: Template, whole: list[tuple[Sheet, _Head]]) -> tuple[Sheet, _Head]:
    named = [pair for pair in whole if pair[0].name == template.sheet]
    if len(whole) == 1 or len(named) == 1:
        return (named or whole)[0]
    names = "、".join(f"“{sheet.name}”" for sheet, _ in whole)
    raise BadFile(f"有 {len(whole)} 张工作表都是“{template.sheet}”的格式：{names}，请每次只保留一张")


def _version_notes(template: Template, book: Workbook) -> list[str]:
    for sheet in book.sheets:
        if sheet.name != GUIDE_SHEET:
            continue
        for row in sheet.rows[:HEAD_ROWS]:
            if len(row) > 1 and row[0] == VERSION_TITLE:
                return _compare_version(template, str(row[1]))
    return []


def _compare_version(template: Template, found: str) -> list[str]:
    name, _, version = found.rpartition(" ")
    if name and name != template.sheet:
        raise BadFile(f"这是“{name}”的模板，不是“{template.sheet}”的，请核对要导入的种类")
    if version != template.version:
        return [f"文件用的是 {version} 版模板，现行为 {template.version} 版；各列已按标题核对"]
    return []
