"""Charts and maps in a page: the table twin says what the record says, with and without JavaScript."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from flask import Flask, render_template_string

from hwrisk.web.charts import BarChart, Series
from hwrisk.web.maps import RATE_CLASSES, Area, Map, Point

CHART = '{% from "_components/chart.html" import chart %}{{ chart("c", spec, caption) }}'
MAP = '{% from "_components/map.html" import map %}{{ map("m", spec, caption) }}'
NASTY = "甲'><script>alert(1)</script>&\"公司"
BARS = BarChart(
    title="处置率", unit="%", category_label="管辖单位", categories=(NASTY, "乙"), urls=("/a", ""),
    series=[Series("率", (90, None), ("90.00 %", "无超期"), ("bad", "note"))],
)  # fmt: skip


class Read(HTMLParser):
    """Takes a fragment apart: rows of tables, and the data of the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_cell = False
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_cell = tag in ("td", "th", "a") and bool(self.rows)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_cell = self.is_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and self.is_cell:
            self.rows[-1][-1] += data.strip()

    def attributes(self, tag: str) -> dict[str, str | None]:
        return next(attributes for name, attributes in self.tags if name == tag)


@pytest.fixture
def draw(app: Flask):
    def of(template: str, spec: object, caption: str = "") -> Read:
        with app.test_request_context("/"):
            read = Read()
            read.feed(render_template_string(template, spec=spec, caption=caption))
            return read

    return of


def test_the_table_is_the_record(draw):
    read = draw(CHART, BARS, "按管辖单位")
    assert read.rows == [["管辖单位", "率（%）"], *[[cell.text for cell in row] for row in BARS.rows]]
    assert json.loads(read.attributes("figure")["data-spec"]) == json.loads(json.dumps(BARS.data))


def test_no_text_becomes_markup(draw):
    read = draw(CHART, BARS)
    assert "script" not in {tag for tag, _ in read.tags}
    assert read.rows[1][0] == NASTY


def test_without_scripts_the_table_stands_open_and_the_picture_is_hidden(draw):
    read = draw(CHART, BARS)
    assert "open" in read.attributes("details")
    area = next(attributes for _, attributes in read.tags if attributes.get("class") == "hw-picture-area")
    assert "hidden" in area
    assert area["role"] == "img"
    assert "处置率" in area["aria-label"]


def test_a_chart_without_values_says_so(draw):
    read = draw(CHART, BarChart(title="空", categories=("甲",), series=[Series("率", (None,))]))
    assert "data-spec" not in read.attributes("figure")
    assert not read.rows


def test_a_map_has_a_table_for_each_layer_and_says_what_it_is(draw, app):
    spec = Map(
        title="分布", value_label="率", classes=RATE_CLASSES, areas=[Area("320723", NASTY, "90.00 %", "bad")],
        points=[Point("1号池", 119.5, 34.6, "应急池", "23 000 m³")],
    )  # fmt: skip
    read = draw(MAP, spec)
    assert read.rows == [
        row
        for twin in spec.twins
        for row in ([[title for title, _ in twin.columns]] + [[cell.text for cell in cells] for cells in twin.rows])
    ]
    figure = read.attributes("figure")
    assert figure["data-outlines"] == "/regions/outlines.geojson"
    assert json.loads(figure["data-spec"]) == json.loads(json.dumps(spec.data))
    with app.test_request_context("/"):
        html = render_template_string(MAP, spec=spec, caption="")
    assert "示意图，不作为划界依据" in html
    for item in RATE_CLASSES:
        assert item.label in html


def test_pictures_ask_nobody_else_for_anything(draw):
    for template, spec in ((CHART, BARS), (MAP, Map(title="分布", areas=[Area("1", "甲")]))):
        figure = draw(template, spec).attributes("figure")
        for name in ("data-scripts", "data-styles", "data-outlines"):
            assert all(url.startswith("/") for url in (figure.get(name) or "").split())
