"""Reports of containment are made and read back."""

from __future__ import annotations

import subprocess

import openpyxl
import pytest
from sqlalchemy import select

from hwrisk.containment import operations
from hwrisk.containment.cards import card_of
from hwrisk.containment.exports import CARD as CARD_REPORT
from hwrisk.containment.exports import CHECK, CHECKLIST, FACILITIES
from hwrisk.containment.models import FacilityVersion
from hwrisk.errors import NotFound
from hwrisk.reporting import ReportRequest, produce
from hwrisk.security import GrantKind, Role
from tests.containment.containment_world import CARD, SYSTEM, TODAY
from tests.people import make_viewer


@pytest.fixture
def made(database, tmp_path):
    """Make a report; return its path."""

    def of(report, fmt, user=SYSTEM, **params):
        request = ReportRequest(user=user, as_of=TODAY, params=params)
        return produce(database, report, request, fmt, tmp_path / f"{report.id}.{fmt}", exports_dir=tmp_path).path

    return of


def cells(path):
    sheet = openpyxl.load_workbook(path).active
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def text(path):
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


def test_the_list_of_facilities(made, park_world):
    rows = cells(made(FACILITIES, "xlsx"))
    basin = next(row for row in rows if "厂内事故池" in row)
    assert {120, 20, 100} <= set(basin)


def test_the_sheet_of_a_check(made, database, park_world):
    w = park_world
    with database.unit_of_work() as session:
        check = operations.store_check(
            session, park_id=w.park.id, unit_id=w.unit.id, name="情景甲", inputs=CARD, as_of=TODAY, actor=SYSTEM
        )
    rows = cells(made(CHECK, "xlsx", check=str(check.public_id)))
    assert any("需要容积 V总" in row and "418" in row for row in rows)
    assert any("90 m³/h × 4 h（待核）" in row for row in rows)
    stranger = make_viewer(database, Role.COUNTY, [(GrantKind.OFFICE, "LYG-GYX")])
    with pytest.raises(NotFound):
        made(CHECK, "xlsx", user=stranger, check=str(check.public_id))


def test_the_check_list_says_the_rate(made, park_world):
    rows = cells(made(CHECKLIST, "xlsx"))
    assert any("0 ÷ 3 = 0.00 %" in str(cell) for row in rows for cell in row)


def test_the_check_list_names_the_park_it_was_narrowed_to(session, park_world):
    asked = {"park": park_world.park.code, "说明": "各项均已完成"}
    request = ReportRequest(user=SYSTEM, as_of=TODAY, filters=asked)
    assert CHECKLIST.filter_text(session, request) == f"园区：{park_world.park.name}"
    assert CHECKLIST.filter_text(session, ReportRequest(user=SYSTEM, as_of=TODAY, filters={"office": "x"})) == ""


@pytest.mark.parametrize(("role", "is_whole"), [(Role.COMMAND, True), (Role.DUTY, False)])
def test_a_shared_account_gets_no_card_with_a_whole_number(database, park_world, role, is_whole):
    number = "0518-0000-0001"
    with database.unit_of_work() as session:
        version = session.scalars(
            select(FacilityVersion).where(FacilityVersion.facility_id == park_world.pump.id)
        ).first()
        version.duty_phone = number
    viewer = make_viewer(database, role)
    with database.session() as session:
        card = card_of(session, park_world.pump.public_id, user=viewer, as_of=TODAY, is_printed=True)
    assert (card.phone == number) is is_whole
    assert card.phone.startswith("051")


def test_the_card_is_one_page_and_masks_the_phone(made, database, park_world):
    w = park_world
    path = made(CARD_REPORT, "pdf", facility=str(w.pump.public_id))
    said = text(path)
    assert "一号提升泵站" in said
    assert "谁下令" in said
    assert said.count("\f") == 1
    stranger = make_viewer(database, Role.COUNTY, [(GrantKind.OFFICE, "LYG-GYX")])
    with pytest.raises(NotFound):
        made(CARD_REPORT, "pdf", user=stranger, facility=str(w.pump.public_id))
