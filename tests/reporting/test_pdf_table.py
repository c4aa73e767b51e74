import re
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from hwrisk.reporting.pdf import table
from hwrisk.reporting.pdf.font_files import bundled
from hwrisk.reporting.pdf.fonts import MISSING, Faces, faces, open_face
from hwrisk.reporting.pdf.page import SMALLEST, plan
from hwrisk.reporting.pdf.qr import make_qr
from hwrisk.reporting.pdf.table import NO_ROWS, write_table_pdf
from hwrisk.reporting.pdf.typeset import Typesetter
from hwrisk.reporting.report import Column


def item(i):
    return lambda row: row[i]


def columns(*kinds, width=12):
    return tuple(Column(f"c{i}", f"列{i}", item(i), kind=kind, width=width) for i, kind in enumerate(kinds))


def texts(path):
    """The text of each page, without spaces and line ends."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Faces(bundled()))


class TestLedger:
    def test_every_row_reads_back_in_order(self, make_sheet, tmp_path):
        rows = [(n, f"演示{n}号化工有限公司", Decimal(n) / 8, date(2026, 1, 1)) for n in range(1, 400)]
        sheet = make_sheet(columns("int", "text", "tonnes", "day"), rows)
        assert write_table_pdf(sheet, tmp_path / "a.pdf").rows == 399
        text = "".join(texts(tmp_path / "a.pdf"))
        places = [text.index(f"{n}演示{n}号化工有限公司{Decimal(n) / 8:,.4f}2026-01-01") for n in range(1, 400)]
        assert places == sorted(places)

    def test_head_on_the_first_page_column_heads_and_page_numbers_on_all(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("int", "text"), [(n, "甲") for n in range(100)])
        write_table_pdf(sheet, tmp_path / "a.pdf")
        pages = texts(tmp_path / "a.pdf")
        assert len(pages) == 4
        assert pages[0].startswith("危险废物贮存台账范围：全市筛选：无统计截止日：2026-11-23")
        assert "说明：核对用，以国家（省）危险废物信息管理系统为准" in pages[0]
        assert str(sheet.stamp.export_id) in pages[0]
        for number, page in enumerate(pages, start=1):
            assert "列0列1" in page
            assert f"第{number}页共4页" in page
            assert page.count("核对用，以国家（省）危险废物信息管理系统为准") == (2 if number == 1 else 1)
            assert f"核验码{sheet.stamp.spaced_code}" in page
        assert all(page.startswith("危险废物贮存台账（续）") for page in pages[1:])

    def test_properties_title_language_and_stamp(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("int"), [(1,)])
        write_table_pdf(sheet, tmp_path / "a.pdf")
        reader = pypdf.PdfReader(tmp_path / "a.pdf", strict=True)
        assert (reader.metadata.title, reader.metadata.author) == ("危险废物贮存台账", "固废科 演示-张三")
        assert reader.metadata["/Keywords"] == sheet.stamp.text
        assert reader.trailer["/Root"]["/Lang"] == "zh-CN"

    @pytest.mark.parametrize(
        ("paper", "orientation", "size"),
        [
            ("A4", "landscape", (842, 595)),
            ("A4", "portrait", (595, 842)),
            ("A3", "landscape", (1191, 842)),
        ],
    )
    def test_paper(self, make_sheet, tmp_path, paper, orientation, size):
        write_table_pdf(make_sheet(columns("int"), [], paper=paper, orientation=orientation), tmp_path / "a.pdf")
        box = pypdf.PdfReader(tmp_path / "a.pdf").pages[0].mediabox
        assert (round(box.width), round(box.height)) == size

    def test_no_rows_are_said_in_words(self, make_sheet, tmp_path):
        write_table_pdf(make_sheet(columns("int"), []), tmp_path / "a.pdf")
        assert NO_ROWS in texts(tmp_path / "a.pdf")[0]

    def test_totals_come_last(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text", "tonnes"), [("甲", Decimal(1))], totals={"c1": Decimal("99.5")})
        write_table_pdf(sheet, tmp_path / "a.pdf")
        assert "甲1.0000合计99.5000" in texts(tmp_path / "a.pdf")[0]

    def test_a_cell_taller_than_a_page_goes_on_overleaf(self, make_sheet, tmp_path):
        long = "".join(f"第{n}段" for n in range(1000, 2000))
        sheet = make_sheet(columns("int", "text", "text"), [(1, "前", "短"), (2, long, "短"), (3, "后", "短")])
        write_table_pdf(sheet, tmp_path / "a.pdf")
        pages = texts(tmp_path / "a.pdf")
        bodies = [page.split("列0列1列2")[1].split("核对用")[0] for page in pages]
        assert len(pages) > 2
        assert re.findall("[0-9]{4}", "".join(bodies)) == [str(n) for n in range(1000, 2000)]
        assert "后" in pages[-1]

    def test_long_words_and_numbers_never_leave_their_cell(self, typesetter):
        lines = typesetter.lines("91320700MA1DEMO00X" * 4, 5000)
        assert all(typesetter.width(line) <= 5000 for line in lines)
        assert "".join(lines) == "91320700MA1DEMO00X" * 4

    def test_many_columns_get_smaller_letters_but_not_unreadable_ones(self):
        assert plan(columns(*["text"] * 40), orientation="landscape", paper="A4").size == SMALLEST

    def test_progress_and_cancel(self, make_sheet, tmp_path):
        seen = []
        rows = [(n,) for n in range(600)]
        write_table_pdf(
            make_sheet(columns("int"), rows), tmp_path / "a.pdf", progress=lambda d, t, m: seen.append((d, t))
        )
        assert seen == [(250, 600), (500, 600), (600, 600)]

        def cancel(done, total, message):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_table_pdf(make_sheet(columns("int"), rows), tmp_path / "b.pdf", progress=cancel)
        assert [p.name for p in tmp_path.iterdir()] == ["a.pdf"]


class TestRareCharacters:
    def test_rare_names_of_places_and_elements_do_not_vanish(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("朱镕𬭸硓㐀〇",)])
        assert write_table_pdf(sheet, tmp_path / "a.pdf").warnings == ()
        assert "朱镕𬭸硓㐀〇" in texts(tmp_path / "a.pdf")[0]

    def test_a_character_no_font_has_is_replaced_and_named(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("甲\U0002ffff乙\U0001f9ea",)])
        written = write_table_pdf(sheet, tmp_path / "a.pdf", fonts=Faces(bundled()))
        assert f"甲{MISSING}乙{MISSING}" in texts(tmp_path / "a.pdf")[0]
        assert len(written.warnings) == 1
        assert "U+2FFFF" in written.warnings[0]
        assert "U+1F9EA" in written.warnings[0]

    def test_a_font_put_in_by_hand_fills_the_gap(self, make_sheet, tmp_path, home):
        # The serif stands in for a font somebody bought: the sans alone is made the first, and lacks nothing of it.
        only = Faces(bundled()[:1])
        assert only.glyph("₂").char == MISSING
        (home / "fonts").mkdir()
        (home / "fonts" / "own.otf").write_bytes(bundled()[1].read_bytes())
        assert home / "fonts" / "own.otf" in faces().paths

    def test_a_truetype_fallback_is_embedded_and_reads_back(self, make_sheet, tmp_path):
        truetype = next((p for p in faces().paths if not open_face(p).is_cff), None)
        if truetype is None:
            # No machine is without one but the barest; there the bundled fonts stand alone and 〓 is tested above.
            return
        sheet = make_sheet(columns("text"), [("水H₂O☑水",)])
        assert write_table_pdf(sheet, tmp_path / "a.pdf", fonts=Faces((*bundled(), truetype))).warnings == ()
        assert "水H₂O☑水" in texts(tmp_path / "a.pdf")[0]

    def test_marks_without_a_shape_are_left_out(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text"), [("葛\U000e0100\u200b洲\ufeff坝",)])
        assert write_table_pdf(sheet, tmp_path / "a.pdf").warnings == ()
        assert "葛洲坝" in texts(tmp_path / "a.pdf")[0]

    def test_a_glyph_of_two_characters_reads_back_as_the_plain_one(self, make_sheet, tmp_path):
        sheet = make_sheet(columns("text", "text"), [("方", "⽅")])
        write_table_pdf(sheet, tmp_path / "a.pdf")
        assert "方方" in texts(tmp_path / "a.pdf")[0]


class TestLines:
    def test_closing_marks_do_not_begin_a_line_and_opening_ones_do_not_end_it(self, typesetter):
        lines = typesetter.lines("一二三四，五六七（八九）", 4000)
        assert lines == ["一二三", "四，五六", "七（八", "九）"]

    def test_words_and_codes_stay_whole(self, typesetter):
        assert typesetter.lines("代码900-249-08油", 6000) == ["代码", "900-249-08", "油"]

    def test_given_line_ends_are_kept(self, typesetter):
        assert typesetter.lines("甲\n\n乙", 9000) == ["甲", "", "乙"]


def test_the_qr_holds_the_number_and_the_code(make_sheet, tmp_path, monkeypatch):
    held = []
    monkeypatch.setattr(table, "qr_operators", lambda text, **_: held.append(text) or "")
    sheet = make_sheet(columns("int"), [])
    write_table_pdf(sheet, tmp_path / "a.pdf")
    assert held == [f"hwrisk-export:{sheet.stamp.export_id}:{sheet.stamp.code}"]
    assert make_qr(held[0]).error == "M"
