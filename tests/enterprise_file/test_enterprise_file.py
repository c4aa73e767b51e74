"""The file of one unit: all rooms, warnings first, on any day; page, PDF and workbook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pypdf
import pytest
from sqlalchemy import event

from hwrisk.enterprise_file.exports import REPORT
from hwrisk.enterprise_file.gathering import enterprise_file, unit_by_number
from hwrisk.errors import NotFound, RuleViolation
from hwrisk.ledger.chapter import year_lines
from hwrisk.ledger.corrections import cancel
from hwrisk.ledger.models import EntryKind
from hwrisk.ledger.storage.operations import confirm_ledger
from hwrisk.reporting import ReportRequest, produce
from hwrisk.reporting.verifying import Verdict, verify_file
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.units.chapter import masked_phone
from hwrisk.units.models import UnitStatus
from hwrisk.units.operations import record_state
from tests.ledger.ledger_world import OFFICE, SALT, TODAY, LedgerWorld, city, county

ENTERED = date(2025, 6, 30)


def seen(text: str) -> str:
    """What a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


@pytest.fixture
def world(session, database) -> LedgerWorld:
    made = LedgerWorld(session, database)
    made.post(EntryKind.GENERATED, date(2025, 6, 1), "120")
    made.stored("100", ENTERED)
    session.commit()
    return made


@pytest.fixture
def count_statements(session) -> Callable[[], AbstractContextManager[list[str]]]:
    @contextmanager
    def counting() -> Iterator[list[str]]:
        found: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                found.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", note)
        yield found
        event.remove(session.get_bind(), "before_cursor_execute", note)

    return counting


def file_of(world: LedgerWorld, *, as_of: date = TODAY, user: Viewer | None = None):
    row = unit_by_number(world.session, world.unit.unit_no, user=user or city(), as_of=as_of)
    return enterprise_file(world.session, row, as_of=as_of, user=user or city())


def chapter(file, key: str):
    return next((section.chapter for section in file.dossier.sections if section.key == key), None)


class TestGathering:
    def test_warnings_of_all_rooms_first_the_gravest_in_front(self, world) -> None:
        alerts = file_of(world).dossier.alerts
        assert "超期贮存 1 批 100.0000 吨，最长 146 天，1 批没有处置计划" in alerts[0].alert.text
        order = {"bad": 0, "warn": 1, "note": 2}
        states = [order[item.alert.state] for item in alerts]
        assert states == sorted(states)

    def test_a_past_day_shows_the_state_of_that_day(self, world) -> None:
        record_state(
            world.session, world.unit, from_day=date(2026, 6, 1), actor=None, reason="演示：停产",
            changes={"status": UnitStatus.SUSPENDED, "name": "演示改名有限公司"},
        )  # fmt: skip
        world.session.commit()
        before, now = file_of(world, as_of=date(2025, 7, 1)), file_of(world)
        assert (before.version.status, now.version.status) == (UnitStatus.OPERATING, UnitStatus.SUSPENDED)
        assert now.version.name == "演示改名有限公司"
        assert before.version.name != now.version.name
        assert not any("超期" in item.alert.text for item in before.dossier.alerts)
        facts = {fact.label: fact.value for fact in chapter(file_of(world, as_of=date(2025, 6, 29)), "storage").facts}
        assert facts["在库"] == "0.0000 吨"

    def test_what_was_confirmed_beyond_a_past_day_is_not_told_of_it(self, world) -> None:
        confirm_ledger(
            world.session, unit_id=world.unit.id, covers_from=date(2025, 1, 1), covers_until=date(2026, 11, 1),
            is_zero=False, hand=world.hand(),
        )  # fmt: skip
        said = {
            day: {fact.label: fact.value for fact in chapter(file_of(world, as_of=day), "ledger").facts}["台账确认至"]
            for day in (date(2025, 6, 30), TODAY)
        }
        assert list(said.values()) == ["2025-07-01（不含当日）", "2026-11-01（不含当日）"]

    def test_the_years_of_the_ledger_with_corrections(self, world) -> None:
        wrong = world.post(EntryKind.GENERATED, date(2026, 2, 1), "50")
        cancel(world.session, wrong, reason="演示：误录", hand=world.hand())
        lines = {line.year: line for line in year_lines(world.session, world.unit.id, as_of=TODAY)}
        assert (lines[2025].generated, lines[2025].stored, lines[2025].stock) == (
            Decimal(120),
            Decimal(100),
            Decimal(100),
        )
        assert (lines[2026].generated, lines[2026].stock) == (Decimal(0), Decimal(100))
        corrections = next(t for t in chapter(file_of(world), "ledger").tables if t.title == "更正记录")
        assert [row.remark for row in corrections.rows] == ["演示：误录"]

    def test_its_part_in_the_rates(self, world) -> None:
        shares = chapter(file_of(world), "indicators").tables[0].rows
        assert "100 吨" in shares[0].denominator

    def test_the_trail_of_changes(self, world) -> None:
        record_state(
            world.session, world.unit, from_day=date(2026, 6, 1), actor=None, reason="演示：停产",
            changes={"status": UnitStatus.SUSPENDED},
        )  # fmt: skip
        world.session.commit()
        with world.database.unit_of_work() as session:
            record_state(
                session, session.get_one(type(world.unit), world.unit.id), from_day=date(2026, 7, 1), actor=None,
                reason="演示：恢复生产", changes={"status": UnitStatus.OPERATING},
            )  # fmt: skip
        world.session.expire_all()
        acts = chapter(file_of(world), "changes").tables[0]
        shown = [column.read(acts.rows[0]) for column in acts.columns]
        assert shown[2:] == ["登记变更", "演示：恢复生产"]

    def test_few_statements_however_many_rows(self, world, count_statements) -> None:
        with count_statements() as few:
            file_of(world)
        for number in range(6):
            world.post(EntryKind.GENERATED, date(2026, 1, 1) + timedelta(days=number), "1")
            world.stored("1", date(2025, 7, 1) + timedelta(days=number), waste_code=SALT)
        world.session.commit()
        with count_statements() as many:
            file_of(world)
        assert len(many) == len(few)

    def test_who_may_not_read_a_chapter_does_not_get_it(self, world) -> None:
        operator = Viewer(account_id=None, label="运维", role=Role.OPERATOR, units=frozenset({world.unit.id}),
                          permissions=frozenset({p for p in city().permissions if p.value == "unit:read"}))  # fmt: skip
        keys = {section.key for section in file_of(world, user=operator).dossier.sections}
        assert "basics" in keys
        assert not {"ledger", "storage", "indicators"} & keys

    @pytest.mark.parametrize(
        ("role", "expected"),
        [(Role.CITY, "000-0000-0001"), (Role.LEADER, "000*********1"), (Role.COMMAND, "000-0000-0001")],
    )
    def test_phone_numbers_by_role(self, role, expected) -> None:
        assert masked_phone("000-0000-0001", role=role) == expected
        assert masked_phone("", role=role) == ""


class TestPage:
    def test_the_page(self, world, sign_in) -> None:
        shown = seen(sign_in(Role.CITY).get(f"/files/units/{world.unit.public_id}").text)
        for words in (
            "警示",
            "超期贮存 1 批",
            "基本情况",
            "危险废物台账",
            "贮存与超期",
            "重点监管单位清单",
        ):
            assert words in shown
        assert shown.index("警示") < shown.index("基本情况")

    def test_days(self, world, sign_in) -> None:
        client = sign_in(Role.CITY)
        path = f"/files/units/{world.unit.public_id}"
        assert "当天的情形" in client.get(f"{path}?as_of=2025-07-01").text
        future = client.get(f"{path}?as_of=2027-01-01")
        assert (future.status_code, "截至日期 2027-01-01 不能晚于今天" in future.text) == (422, True)

    def test_another_office_gets_404(self, world, sign_in) -> None:
        other = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-XW"))
        own = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
        path = f"/files/units/{world.unit.public_id}"
        assert (other.get(path).status_code, own.get(path).status_code) == (404, 200)
        given = {"format": "pdf", "param.unit": world.unit.unit_no}
        assert other.post("/exports/enterprise-file", data=given).status_code == 404
        refused = own.post("/exports/enterprise-file", data={"format": "pdf"})
        assert (refused.status_code, "须写明单位编号" in refused.text) == (422, True)

    def test_the_button_on_the_units_page(self, world, sign_in) -> None:
        text = sign_in(Role.CITY).get(f"/units/{world.unit.public_id}").text
        assert f"/files/units/{world.unit.public_id}" in text
        assert 'name="param.unit"' in text


class TestFiles:
    def asked(self, world, **more: Any) -> ReportRequest:
        return ReportRequest(**({"user": city(), "as_of": TODAY, "params": {"unit": world.unit.unit_no}} | more))

    def test_the_pdf_is_read_back_and_known_again(self, world, database, tmp_path) -> None:
        out = tmp_path / "file.pdf"
        made = produce(database, REPORT, self.asked(world), "pdf", out)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(out).pages)
        for words in (
            "危险废物环境管理一企一档",
            world.unit.unit_no,
            "截至 2026年11月23日",
            "警示",
            "超期贮存 1 批",
            "本档案完",
        ):
            assert words in text
        assert world.unit.unit_no in made.title
        with database.session() as session:
            assert verify_file(session, out.read_bytes()).verdict is Verdict.UNALTERED

    def test_one_sheet_a_chapter(self, world, database, tmp_path) -> None:
        out = tmp_path / "file.xlsx"
        produce(database, REPORT, self.asked(world), "xlsx", out)
        book = openpyxl.load_workbook(out)
        assert book.sheetnames[:3] == ["封面", "基本情况", "危险废物台账"]
        values = [cell.value for row in book["危险废物台账"].iter_rows() for cell in row]
        assert 120 in values
        cover = " ".join(str(cell.value) for row in book["封面"].iter_rows() for cell in row)
        assert "超期贮存 1 批" in cover

    def test_refusals(self, world, database, tmp_path) -> None:
        out = tmp_path / "file.pdf"
        with pytest.raises(NotFound, match="不在您的管辖范围"):
            produce(database, REPORT, self.asked(world, user=county("LYG-XW")), "pdf", out)
        with pytest.raises(RuleViolation, match="须写明单位编号"):
            produce(database, REPORT, self.asked(world, params={}), "pdf", out)
        assert not out.exists()
