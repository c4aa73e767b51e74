"""The demonstration: plainly invented, the same for the same day, never beside a real unit."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from openpyxl import load_workbook
from stdnum.cn import uscc

from hwrisk import app, clock
from hwrisk.db import migrate
from hwrisk.db.session import Database
from hwrisk.demo.branches import BRANCHES
from hwrisk.demo.files import FILES
from hwrisk.demo.names import TRADES, invented_uscc, numeral
from hwrisk.demo.people import PEOPLE
from hwrisk.demo.prepare import prepare_demo
from hwrisk.demo.roster import DAYS, make_roster
from hwrisk.demo.special import CASES
from hwrisk.errors import SetupError
from hwrisk.security import Viewer, roster
from hwrisk.units.models import IdentityKind, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit
from tests.command_line import SMALL, CommandLine
from tests.conftest import TODAY, make_settings

RATE = "overdue-disposal-rate"


def first_run(origin: CommandLine) -> str:
    return (origin.home / "first_run.txt").read_text(encoding="utf-8")


def content(home: Path) -> dict[str, str]:
    """Return a hash of every table but those that note who looked when, and of every file."""
    raw = sqlite3.connect(home / "hwrisk.db")
    names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {}
    for name in names:
        rows = sorted(map(repr, raw.execute(f"SELECT * FROM {name}")))
        found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    raw.close()
    for path in sorted((home / "exports").rglob("*")):
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return found


class TestFirstRun:
    def test_it_says_what_is_there(self, demo_origin: CommandLine) -> None:
        said = first_run(demo_origin)
        (units,) = map(int, re.findall(r"演示数据：单位 (\d+) 家", said))
        assert units > sum(trade.count for trade in TRADES) + len(BRANCHES)
        assert re.search(r"超期贮存危险废物处置率（2026年1月1日至11月23日）：\d+\.\d\d %", said)
        assert len(re.findall(r"一次性密码：\S+", said)) == 1
        assert re.findall(r"  (\S+)\t\S+ 演示-\S+\t\d{6}\n", said) == ["yanshi-zhihui", "yanshi-shiju"]
        files = [Path(line.partition("：")[2]) for line in said.splitlines() if line.startswith("已导出：")]
        assert len(files) == len(FILES)
        assert {path.suffix for path in files} == {".xlsx", ".pdf"}
        assert all("（演示数据）" in path.name for path in files)
        assert all(path.is_file() and path.parent == demo_origin.home / "demo" / "exports" for path in files)

    def test_the_rate_is_the_one_of_the_indicators(self, demo_origin: CommandLine, demo_read: CommandLine) -> None:
        assert demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate")["city"][
            "text"
        ] in first_run(demo_origin)

    def test_every_number_of_the_ledger_is_a_number(self, demo_read: CommandLine) -> None:
        (path,) = (demo_read.home / "exports").glob("危险废物管理台账（演示数据）_*.xlsx")
        sheet = load_workbook(path).active
        report = {report.id: report for report in app.gather(lambda room: room.reports)}["storage-ledger"]
        titles = [column.title for column in report.columns]
        rows = list(sheet.iter_rows(values_only=True))
        start = next(n for n, row in enumerate(rows) if list(row[: len(titles)]) == titles) + 1
        kept = [row for row in rows[start:] if row[1] is not None]
        assert len(kept) > 5000
        for number, column in enumerate(report.columns):
            if column.kind in ("tonnes", "number", "int"):
                assert all(isinstance(row[number], (int, float, type(None))) for row in kept), column.title
        assert "=" not in {str(value)[0] for row in kept for value in row if value not in (None, "")}

    def test_the_chinese_of_the_pdf_reads_back(self, demo_read: CommandLine) -> None:
        (path,) = (demo_read.home / "exports").glob("超期贮存清单（演示数据）_*.pdf")
        text = "".join("".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())
        for wanted in ("超期贮存清单", "核对用，以国家（省）危险废物信息管理系统为准", "演示", "精馏残渣"):
            assert wanted in text

    def test_its_files_are_ours(self, demo_read: CommandLine) -> None:
        for path in (demo_read.home / "exports").glob("*.*"):
            demo_read("verify-file", path)

    def test_it_is_marked_as_a_demonstration(self, demo_read: CommandLine) -> None:
        raw = sqlite3.connect(demo_read.home / "hwrisk.db")
        assert raw.execute("SELECT value FROM mark WHERE key = 'demo'").fetchone() == ("1",)
        raw.close()


class TestRoster:
    def test_somebody_is_on_at_the_duty_post_for_two_weeks(self, demo_read: CommandLine) -> None:
        with demo_read.database().session() as session:
            (standing,) = roster.standings(session, user=Viewer.system(), at=TODAY)
            shifts = roster.coming_shifts(session, standing.post, at=TODAY)
        times = [(shift.starts_at, shift.ends_at) for shift in shifts]
        assert [shift.account.username for shift in standing.on] == ["yanshi-zhihui"]
        assert all(shift.account.pin_hash for shift in shifts)
        assert roster.first_gap(times, since=TODAY, until=TODAY + timedelta(days=13)) is None

    def test_a_later_start_adds_the_days_that_are_missing(self, demo: CommandLine) -> None:
        with demo.database().unit_of_work() as session:
            assert make_roster(session, as_of=clock.today()) == []
            assert make_roster(session, as_of=clock.today() + timedelta(days=2)) == []
            (standing,) = roster.standings(session, user=Viewer.system(), at=TODAY)
            shifts = roster.coming_shifts(session, standing.post, at=TODAY)
        assert len({shift.starts_at for shift in shifts}) == len(shifts) == 2 * (DAYS + 2)


class TestAgain:
    def test_a_second_start_changes_nothing_and_shows_no_password(
        self, demo_origin: CommandLine, demo_read: CommandLine
    ) -> None:
        before = content(demo_read.home)
        said = demo_origin("up", "--demo", "--no-serve").output
        assert "一次性密码" not in said
        assert "值班口令" not in said
        assert f"HWRISK_HOME={demo_read.home} hwrisk user reset yanshi-shiju" in said
        assert content(demo_read.home) == before

    @pytest.mark.slow
    def test_the_same_day_gives_the_same_figures(self, demo_read: CommandLine, tmp_path: Path) -> None:
        other = CommandLine(tmp_path)
        other("demo", "--scale", SMALL)
        other = CommandLine(tmp_path / "demo")
        for run in (other, demo_read):
            assert run.json("verify")
        ours, theirs = (
            run.json("indicators", "show", "--indicator", "overdue-disposal-rate") for run in (demo_read, other)
        )
        changing = {"id", "known_at", "marks"}
        for one, two in zip(ours["values"], theirs["values"], strict=True):
            assert {key: value for key, value in one.items() if key not in changing | {"parts"}} == {
                key: value for key, value in two.items() if key not in changing | {"parts"}
            }
        statement = (
            "SELECT e.entry_no, e.kind, e.occurred_on, e.quantity, u.identity_no FROM ledger_entry e "
            "JOIN unit u ON u.id = e.unit_id ORDER BY e.id"
        )
        ledgers = []
        for run in (demo_read, other):
            raw = sqlite3.connect(run.home / "hwrisk.db")
            ledgers.append(raw.execute(statement).fetchall())
            raw.close()
        assert ledgers[0] == ledgers[1]


class TestRefused:
    def test_where_a_real_unit_exists(self, database: Database, tmp_path: Path) -> None:
        config = make_settings(tmp_path)
        with database.unit_of_work() as session:
            register_unit(
                session, identity_kind=IdentityKind.INDIVIDUAL, identity_no="SHIJI0001", identity_reason="测试",
                valid_from=clock.today(), actor=Viewer.system(),
                state=UnitChange(
                    name="连云港实际化工有限公司", status=UnitStatus.OPERATING, role=UnitRole.GENERATOR,
                    office_code="LYG-XW",
                ),
            )  # fmt: skip
        registry = app.build_registry(database, config)
        with pytest.raises(SetupError, match="实际单位"):
            prepare_demo(database, config, registry=registry, as_of=clock.today())
        with database.session() as session:
            assert not app.build_registry(database, config).is_demo, session

    def test_the_usual_database_stays_as_it_is(self, demo_origin: CommandLine) -> None:
        assert not (demo_origin.home / "hwrisk.db").exists()
        assert (demo_origin.home / "demo" / "hwrisk.db").is_file()


@pytest.fixture(scope="session")
def listed(demo_read: CommandLine) -> dict[int, list[dict[str, str]]]:
    """The rows behind the city's rate, by the place of their unit in the list of invented units."""
    clock.pin(TODAY)
    city = demo_read.json("indicators", "show", "--indicator", "overdue-disposal-rate")["city"]
    rows = demo_read.json("indicators", "show", "--explain", city["id"])["rows"]
    clock.pin(None)
    place_of = {invented_uscc(place + 1): place for place in range(60)}
    raw = sqlite3.connect(demo_read.home / "hwrisk.db")
    numbers = dict(raw.execute("SELECT unit_no, identity_no FROM unit WHERE is_demo"))
    raw.close()
    found: dict[int, list[dict[str, str]]] = {}
    for row in rows:
        if (place := place_of.get(numbers[row["unit_no"]])) is not None:
            found.setdefault(place, []).append(row)
    return found


class TestCases:
    """Every kind of overdue storage that the demonstration is to show is in the list, or has left it for a reason."""

    def test_what_was_overdue_this_year_counts(self, listed: dict[int, list[dict[str, str]]]) -> None:
        not_overdue = {13}
        # A pilot collector's and an ordinary unit's routine stock never lies too long.
        assert set(listed) == set(CASES) - not_overdue

    @pytest.mark.parametrize(
        ("place", "figures"),
        [
            (0, {"due": "100", "completed": "0", "in_store": "100"}),
            (1, {"due": "40", "completed": "15", "in_store": "25"}),
            (2, {"due": "12", "completed": "0", "in_transit": "12"}),
            (3, {"due": "18.5", "completed": "18.5"}),
            (4, {"due": "9", "completed": "0", "in_store": "9", "returned": "9"}),
            (5, {"due": "5", "completed": "0", "to_collector": "5"}),
            (6, {"due": "20", "completed": "19.2"}),
            (7, {"due": "148", "completed": "0", "in_store": "148"}),
            (8, {"due": "6.2", "in_store": "6.2"}),
            (9, {"due": "5", "in_store": "5"}),
            (10, {"due": "26.4", "completed": "26.4"}),
            (15, {"due": "1.5", "in_store": "1.5"}),
            (48, {"due": "15.5", "in_store": "15.5"}),
            (49, {"due": "11", "in_store": "11"}),
            (50, {"due": "7.3", "in_store": "7.3"}),
            (51, {"due": "30", "completed": "30"}),
            (53, {"due": "8.4", "in_store": "8.4"}),
        ],
    )
    def test_its_account(self, listed: dict[int, list[dict[str, str]]], place: int, figures: dict[str, str]) -> None:
        rows = listed[place]
        assert {name: sum(Decimal(row[name]) for row in rows) for name in figures} == {
            name: Decimal(value) for name, value in figures.items()
        }, rows


class TestInvented:
    def test_the_codes_pass_and_belong_to_nobody(self) -> None:
        codes = [invented_uscc(number) for number in range(1, 60)]
        assert len(set(codes)) == len(codes)
        assert all(uscc.is_valid(code) and "DEM" in code for code in codes)

    @pytest.mark.parametrize(("number", "said"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一")])
    def test_numerals(self, number: int, said: str) -> None:
        assert numeral(number) == said

    def test_people_are_invented(self, demo_read: CommandLine) -> None:
        assert all(person.name.startswith("演示-") for person in PEOPLE)
        rows = demo_read.json("user", "list")
        assert {row["username"] for row in rows} == {person.username for person in PEOPLE}

    def test_every_unit_says_so(self, demo_read: CommandLine) -> None:
        raw = sqlite3.connect(demo_read.home / "hwrisk.db")
        names = [name for (name,) in raw.execute(
            "SELECT v.name FROM unit_version v JOIN unit u ON u.id = v.unit_id WHERE u.is_demo"
        )]  # fmt: skip
        raw.close()
        assert names
        assert all("演示" in name for name in names)


def test_the_schema_is_the_newest(demo_read: CommandLine) -> None:
    database = demo_read.database()
    assert migrate.current_revision(database) == migrate.head_revision()
    database.dispose()
