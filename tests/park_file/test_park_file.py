"""The park file: page, day, sight, PDF and workbook."""

from __future__ import annotations

import subprocess

import openpyxl
import pytest
from sqlalchemy import select

from hwrisk.errors import NotFound
from hwrisk.park_file.exports import REPORT
from hwrisk.parks.models import Park
from hwrisk.reporting import ReportRequest, produce
from hwrisk.security import GrantKind, Role, Viewer
from tests.containment.containment_world import TODAY, make_world
from tests.people import make_viewer

SYSTEM = Viewer.system()


@pytest.fixture
def park(database):
    with database.unit_of_work() as session:
        make_world(session)
        return session.scalars(select(Park).where(Park.code == "LYG-P-GNHG")).one()


def test_the_page_shows_contradicting_figures_side_by_side_and_the_tiers(sign_in, park):
    html = sign_in(Role.CITY).get(f"/files/parks/{park.public_id}").get_data(as_text=True)
    for text in ("8.42", "30 km2", "相互矛盾的数据，并列", "不作取舍", "厂内事故池", "园区企业", "建设清单"):
        assert text in html


def test_an_earlier_day_knows_less(sign_in, park):
    html = sign_in(Role.CITY).get(f"/files/parks/{park.public_id}?as_of=2023-06-01").get_data(as_text=True)
    assert "2023年6月1日 当天的情形" in html
    assert "厂内事故池" not in html


def test_foreign_tenants_and_operators_get_404(sign_in, park):
    for client in (
        sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX")),
        sign_in(Role.OPERATOR, (GrantKind.PARK, park.id)),
    ):
        assert client.get(f"/files/parks/{park.public_id}").status_code == 404


def test_pdf_and_workbook(database, park, tmp_path):
    def made(fmt, user=SYSTEM):
        request = ReportRequest(user=user, as_of=TODAY, params={"park": park.code})
        return produce(database, REPORT, request, fmt, tmp_path / f"file.{fmt}", exports_dir=tmp_path).path

    said = subprocess.run(["pdftotext", "-layout", str(made("pdf")), "-"], capture_output=True, text=True, check=True)
    assert "江苏连云港化工产业园区" in said.stdout
    assert "公共应急池" in said.stdout
    book = openpyxl.load_workbook(made("xlsx"))
    assert {"封面", "公开数据", "三级防控"} <= set(book.sheetnames)
    with pytest.raises(NotFound):
        made("pdf", user=make_viewer(database, Role.COUNTY, [(GrantKind.OFFICE, "LYG-GYX")]))
