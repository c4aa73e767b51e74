import csv
from datetime import date

import pytest

from hwrisk.catalogue import queries
from hwrisk.catalogue.importing import CATALOGUE, parse_hazard
from hwrisk.imports import ImportStatus, accept, stage
from hwrisk.imports import queries as staged
from hwrisk.imports.cells import CellError
from hwrisk.security.viewer import Viewer

CITY = Viewer.system()
AS_OF = date(2026, 11, 23)
HEAD = ["版本", "废物代码", "类别名称", "危险特性", "危险废物"]
TIN = ["2025", "321-035-48", "有色金属采选和冶炼废物", "T", "锡冶炼的试验废物"]


@pytest.fixture
def send(database, tmp_path):
    def sent(*rows, head=HEAD):
        path = tmp_path / "catalogue.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        return stage(database, CATALOGUE, path, "名录.csv", user=CITY, as_of=AS_OF, folder=folder)

    return sent


def take(database, batch):
    return accept(database, CATALOGUE, batch.public_id, user=CITY, as_of=AS_OF)


def messages(database, batch):
    with database.session() as session:
        return [fault["message"] for row in staged.all_rows(session, batch) for fault in row.messages]


def test_an_edition_gets_its_codes_and_serves_its_days(database, send):
    batch = send(TIN)
    assert batch.warned_count == 1
    take(database, batch)
    with database.session() as session:
        serving = queries.edition_on(session, AS_OF)
        pairs = [("321-035-48", AS_OF), ("321-035-48", date(2024, 1, 1)), ("900-041-49", date(2024, 1, 1))]
        verdicts = queries.judge_codes(session, pairs)
    assert (serving.edition.edition, serving.note) == ("2025", "")
    assert [verdicts[pair].is_listed for pair in pairs] == [True, False, True]


def test_the_same_file_twice_changes_nothing(database, send):
    take(database, send(TIN))
    assert send(TIN).unchanged_count == 1


def test_what_is_loaded_is_not_overwritten(database, send):
    take(database, send(TIN))
    batch = send([*TIN[:4], "另一种写法"])
    assert batch.status is ImportStatus.REFUSED
    assert "危险废物与已装入的不同；已装入的名录不覆盖" in messages(database, batch)[0]


def test_a_new_edition_ends_the_one_before(database, send):
    batch = send(
        ["2028", *TIN[1:], "2028-07-01", "部令第99号", "1"], ["2028", "900-041-49", *TIN[2:], "", "", ""],
        head=[*HEAD, "施行日期", "文号", "公布种数"],
    )  # fmt: skip
    take(database, batch)
    with database.session() as session:
        editions = {row.edition.edition: row.edition for row in queries.editions(session)}
        assert editions["2025"].effective_until == date(2028, 6, 30)
        assert (editions["2028"].effective_from, editions["2028"].document_no) == (date(2028, 7, 1), "部令第99号")
        assert queries.edition_on(session, date(2028, 7, 1)).edition.edition == "2028"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["2031", *TIN[1:]], "系统中没有登记 2031 年版"),
        (["2025", "900-000-XX", *TIN[2:]], "不是名录中的条目"),
        (["2025", "900-041-51", *TIN[2:]], "HW51 不在 HW01–HW50 之内"),
        ([*TIN[:3], "毒性", TIN[4]], "危险特性写法不对"),
        (["25", *TIN[1:]], "版本应为 4 位"),
    ],
)
def test_each_fault_has_its_own_sentence(database, send, row, sentence):
    assert sentence in messages(database, send(row))[0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("T", "T"), ("T／C／I／R", "T/C/I/R"), ("T，I", "T,I"), ("t, in", "T,In"), ("In", "In"), ("T、C", "T,C")],
)
def test_hazards_keep_the_sign_between_them(typed, expected):
    assert parse_hazard(typed, AS_OF) == expected


@pytest.mark.parametrize("typed", ["", "X", "T,I/R", "T,,I"])
def test_other_hazards_are_refused(typed):
    with pytest.raises(CellError):
        parse_hazard(typed, AS_OF)
