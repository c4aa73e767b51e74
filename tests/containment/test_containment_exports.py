"""Reports of containment are made and read back."""

from __future__ import annotations

import subprocess

import openpyxl
import pytest
from sqlalchemy import select

from hwrisk.audit.models import AuditEntry
from hwrisk.containment import operations
from hwrisk.containment.cards import card_of
from hwrisk.containment.exports import CARD as CARD_REPORT
from hwrisk.containment.exports import CHECK, CHECKLIST, FACILITIES
from hwrisk.containment.models import FacilityVersion
from hwrisk.errors import NotFound
from hwrisk.reporting import ReportRequest, produce
from hwrisk.reporting.models import ExportFile
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


NUMBER = "0518-0000-0001"


@pytest.fixture
def with_number(database, park_world):
    """The pump of the park has a duty phone."""
    with database.unit_of_work() as session:
        version = session.scalars(
            select(FacilityVersion).where(FacilityVersion.facility_id == park_world.pump.id)
        ).first()
        version.duty_phone = NUMBER
    return park_world


@pytest.mark.parametrize(
    ("role", "of", "is_whole"),
    [
        (Role.CITY, None, True),
        (Role.COMMAND, None, True),
        (Role.COUNTY, GrantKind.OFFICE, True),
        (Role.PARK, GrantKind.PARK, True),
        (Role.OPERATOR, GrantKind.PARK, True),
        (Role.DUTY, None, False),
        (Role.LEADER, GrantKind.CITY, False),
        (Role.ENFORCEMENT, GrantKind.PARK, False),
    ],
)
def test_the_wall_card_tells_the_number_to_who_keeps_the_facility(database, with_number, role, of, is_whole):
    ref = {GrantKind.OFFICE: with_number.park.office_code, GrantKind.PARK: with_number.park.id, GrantKind.CITY: ""}
    viewer = make_viewer(database, role, [(of, ref[of])] if of else [])
    with database.session() as session:
        card = card_of(session, with_number.pump.public_id, user=viewer, as_of=TODAY, is_printed=True)
        shown = card_of(session, with_number.pump.public_id, user=viewer, as_of=TODAY)
        asked = ReportRequest(user=viewer, as_of=TODAY, params={"facility": str(with_number.pump.public_id)})
        title = CARD_REPORT.title_of(session, asked)
    assert (card.phone == NUMBER, card.has_whole_phone) == (is_whole, is_whole)
    assert card.phone.startswith("051")
    assert ("含完整值班电话" in title) is is_whole
    # A page is not registered: it masks the number for everybody.
    assert (shown.phone == NUMBER, shown.has_whole_phone) == (False, False)


def test_a_card_with_a_whole_number_stands_in_register_and_audit_trail(database, made, with_number):
    path = made(CARD_REPORT, "pdf", facility=str(with_number.pump.public_id))
    assert NUMBER in text(path)
    with database.session() as session:
        row = session.scalars(select(ExportFile)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export.make")).one()
    assert "含完整值班电话" in row.title
    assert entry.summary["title"] == row.title


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
