"""Charts, diagrams and maps as records: what is drawn, and the table that says the same."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest

from hwrisk.web.charts import BarChart, LineChart, Series, StackedBar, Target, shown
from hwrisk.web.diagrams import FlowChart, FlowLink, GraphChart, GraphEdge, GraphNode
from hwrisk.web.maps import RATE_CLASSES, Area, Line, Map, Point, class_of, quantity_classes

RATES = Series("处置率", (Fraction(999999, 10000), None), ("99.99 %", ""), ("bad", "note"))


def texts(chart):
    return [[cell.text for cell in row] for row in chart.rows]


class TestCharts:
    def test_the_table_says_what_the_chart_draws(self):
        chart = BarChart(
            title="各局处置率", unit="%", category_label="管辖单位", categories=("灌云局", "灌南局"), series=[RATES],
            targets=[Target(100, "目标 100 %")], urls=("/a", "/b"),
        )  # fmt: skip
        assert chart.columns == [("管辖单位", ""), ("处置率（%）", "num")]
        assert texts(chart) == [["灌云局", "▲ 99.99 %"], ["灌南局", "○ —"]]
        assert [row[0].url for row in chart.rows] == ["/a", "/b"]
        (drawn,) = chart.data["series"]
        assert drawn["texts"] == [row[1].text for row in chart.rows]
        assert drawn["values"] == [pytest.approx(99.9999), None]

    def test_numbers_are_written_exactly_and_rounded_half_up(self):
        assert shown(Decimal("1234567.125")) == "1,234,567.13"
        assert shown(Fraction(1, 3), 4) == "0.3333"
        assert shown(Fraction(1, 8), 2) == "0.13"
        assert shown(5, 0) == "5"
        assert shown(None) == "—"

    def test_nothing_and_zero_are_told_apart(self):
        chart = LineChart(title="走势", categories=("1月", "2月"), series=[Series("量", (None, 0))])
        assert texts(chart) == [["1月", "—"], ["2月", "0.00"]]
        assert not chart.is_empty
        assert LineChart(title="走势", categories=("1月",), series=[Series("量", (None,))]).is_empty

    @pytest.mark.parametrize(
        ("series", "urls"),
        [
            (Series("量", (1, 2, 3)), ()), (Series("量", (1, 2), ("1",)), ()), (Series("量", (1, 2), (), ("bad",)), ()),
            (Series("量", (1, 2)), ("/a",)),
        ],
    )  # fmt: skip
    def test_a_value_too_many_or_too_few_is_a_mistake(self, series, urls):
        with pytest.raises(ValueError, match="categories"):
            BarChart(title="量", categories=("甲", "乙"), series=[series], urls=urls)

    def test_parts_of_a_whole_lie_upon_one_another(self):
        chart = StackedBar(title="去向", categories=("甲",), series=[Series("自行", (1,)), Series("委托", (2,))])
        assert chart.data["is_stacked"]
        assert chart.data["kind"] == "bar"

    def test_what_is_drawn_is_plain_data(self):
        chart = BarChart(title="量", categories=("甲",), series=[Series("量", (Fraction(1, 3),), is_line=True)])
        assert json.loads(json.dumps(chart.data))["series"][0]["is_line"] is True


class TestDiagrams:
    def test_a_flow_lists_each_way_and_draws_no_empty_one(self):
        chart = FlowChart(
            title="去向", unit="吨", links=[FlowLink("灌云局", "焚烧", Decimal("12.5")), FlowLink("灌南局", "填埋", 0)]
        )
        assert texts(chart) == [["灌云局", "焚烧", "12.50"], ["灌南局", "填埋", "0.00"]]
        assert [link["source"] for link in chart.data["links"]] == ["灌云局"]
        assert chart.data["nodes"] == ["灌云局", "焚烧", "灌南局", "填埋"]

    def test_a_graph_names_tier_kind_state_and_ways(self):
        chart = GraphChart(
            title="三级防控", tier_labels=("一级", "二级"),
            nodes=[
                GraphNode("p", "1号池", 1, "应急池", "23 000 m³", "bad", "未确认"), GraphNode("b", "围堰", 0, "围堰"),
            ],
            edges=[GraphEdge("b", "p", "300 m³/h", "bad", "按不可用计")],
        )  # fmt: skip
        assert texts(chart) == [
            ["一级", "围堰", "围堰", "—", "—", "1号池（300 m³/h，按不可用计）"],
            ["二级", "应急池", "1号池", "23 000 m³", "▲ 未确认", "—"],
        ]
        assert chart.data["kinds"] == ["应急池", "围堰"]


class TestMaps:
    def test_each_layer_has_a_table(self):
        spec = Map(
            title="处置率分布", value_label="处置率", classes=RATE_CLASSES,
            areas=[Area("320723", "灌云县", "87.04 %", "bad", "87.04 / 100 吨", "/x")],
            points=[Point("1号池", 119.58, 34.6, "应急池", "23 000 m³", "bad", "未确认")],
            lines=[Line("1号池 → 排口", [(119.58, 34.6), (119.6, 34.5)], "300 m³/h")],
        )  # fmt: skip
        assert [twin.caption for twin in spec.twins] == ["处置率分布", "点位", "连接"]
        assert [[c.text for c in row] for twin in spec.twins for row in twin.rows] == [
            ["灌云县", "87.04 %", "未达标", "87.04 / 100 吨"],
            ["应急池", "1号池", "23 000 m³", "▲ 未确认", "119.5800，34.6000"],
            ["1号池 → 排口", "300 m³/h", "—"],
        ]
        assert spec.twins[0].rows[0][0].url == "/x"
        assert json.loads(json.dumps(spec.data))["areas"][0]["code"] == "320723"

    def test_an_empty_map_has_no_tables(self):
        assert Map(title="空").is_empty
        assert Map(title="空").twins == []

    @pytest.mark.parametrize(
        ("values", "labels"),
        [
            ([0, 0], ["无"]),
            ([Decimal("448.8"), 9], ["无", *(f"{low} 至 {low + 100} 吨" for low in (0, 100, 200, 300, 400))]),
            ([1], ["无", "0 至 0.2 吨", "0.2 至 0.4 吨", "0.4 至 0.6 吨", "0.6 至 0.8 吨", "0.8 至 1 吨"]),
            ([6], ["无", "0 至 2 吨", "2 至 4 吨", "4 至 6 吨"]),
        ],
    )  # fmt: skip
    def test_classes_of_quantities_end_on_round_numbers(self, values, labels):
        assert [item.label for item in quantity_classes(values, "吨")] == labels

    def test_every_value_falls_in_a_class_of_the_legend(self):
        values = [Decimal(number) / 7 for number in range(500)]
        keys = {item.key for item in quantity_classes(values, "吨")}
        assert {class_of(value, values) for value in values} == keys
        assert class_of(0, values) == "q0"
        assert class_of(max(values), values) == "q4"

    def test_the_upper_bound_belongs_to_the_class(self):
        assert [class_of(value, [500]) for value in (100, Decimal("100.0001"), 500)] == ["q1", "q2", "q5"]
