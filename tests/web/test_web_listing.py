"""Filters: what is understood acts, what is not is said."""

from datetime import date

from werkzeug.datastructures import MultiDict

from hwrisk.web.listing import Filter, ListColumn, chosen_columns, read_filters

FILTERS = (
    Filter("office", "管辖单位", "choice", lambda: [("320723", "灌云局"), ("LYG-XW", "徐圩新区分局")]),
    Filter("name", "名称"),
    Filter("since", "自", "day"),
    Filter("overdue", "已超期", "flag"),
    Filter("batches", "批次号", "paste"),
)


def read(**args):
    return read_filters(FILTERS, MultiDict(args))


def test_conditions_are_read_and_kept_in_links():
    filters = read(office="320723", name=" 化工 ", since="2026年1月2日", overdue="on", batches="a b，c\n a", page="7")
    assert filters.values == {
        "office": "320723", "name": "化工", "since": "2026-01-02", "overdue": "1", "batches": "a\nb\nc\na",
    }  # fmt: skip
    assert filters.day("since") == date(2026, 1, 2)
    assert filters.pasted("batches") == ("a", "b", "c")
    assert filters.link_args(name=None, cursor="x")["cursor"] == "x"
    assert "name" not in filters.link_args(name=None)
    assert filters.in_words() == "管辖单位：灌云局；名称：化工；自：2026-01-02；已超期：是；批次号：粘贴的 3 项"


def test_what_is_not_understood_does_not_act_and_is_said():
    filters = read(office="nowhere", since="31.2.2026", overdue="maybe", name="长" * 200)
    assert filters.values == {}
    assert len(filters.problems) == 4
    assert "管辖单位" in filters.problems[0]


def test_nothing_asked_for():
    filters = read()
    assert (filters.in_words(), filters.get("name"), filters.day("since"), filters.pasted("batches")) == (
        "",
        None,
        None,
        (),
    )


def test_columns_may_be_chosen_but_not_what_the_row_is():
    columns = (
        ListColumn("no", "批次号", is_fixed=True),
        ListColumn("unit", "单位"),
        ListColumn("t", "在库（吨）", is_number=True),
    )
    assert [c.key for c in chosen_columns(columns, MultiDict([("cols", "t")]))] == ["no", "t"]
    assert chosen_columns(columns, MultiDict([("cols", "nonsense")])) == columns
    assert chosen_columns(columns, MultiDict()) == columns
