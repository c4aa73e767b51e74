import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hwrisk.db import fulltext
from hwrisk.search import SearchDoc, SearchEntry, SearchSource, find, index, rebuild, remove
from hwrisk.search.models import TABLE, TOKENS
from hwrisk.search.rules import runs
from hwrisk.security.permissions import Permission
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

pytestmark = pytest.mark.db
CITY = Viewer.system()
KIND = "probe"


def doc(title, ref=None, **fields):
    ref = ref or title[:60]
    return SearchDoc(kind=KIND, ref=ref, title=title, link=f"/probe/{len(ref)}", **fields)


def titles(session, text, user=CITY, **options):
    return [hit.title for hit in find(session, text, user=user, kinds=[KIND], **options)]


@pytest.fixture
def filled(session):
    index(
        session,
        [
            doc("演示-连云港精细化工有限公司", codes=("91320700MA1EXAMPLE", "LYG-2026-000123"), text="蒸馏残渣"),
            doc("演示-灌云临港废盐处置中心", codes=("LYG-2026-000456",)),
            doc("废矿物油", codes=("HW08", "900-041-49"), text="含油抹布", boost=1),
            doc("废矿物油与含矿物油废物", codes=("HW08", "900-249-08")),
        ],
    )
    return session


class TestFind:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("精细化工", ["演示-连云港精细化工有限公司"]),
            ("化工", ["演示-连云港精细化工有限公司"]),
            ("盐", ["演示-灌云临港废盐处置中心"]),
            # Both characters are there, but not side by side.
            ("港盐", []),
            ("连云港 残渣", ["演示-连云港精细化工有限公司"]),
            ("连云港 废盐", []),
            ("lygjxhg", ["演示-连云港精细化工有限公司"]),
            ("lianyungang", ["演示-连云港精细化工有限公司"]),
            ("LIANYUN", ["演示-连云港精细化工有限公司"]),
            ("fkwy", ["废矿物油", "废矿物油与含矿物油废物"]),
            ("feiyan", ["演示-灌云临港废盐处置中心"]),
            ("900-041-49", ["废矿物油"]),
            ("９００－０４１－４９", ["废矿物油"]),
            ("041-49", ["废矿物油"]),
            ("90004149", ["废矿物油"]),
            ("91320700ma1example", ["演示-连云港精细化工有限公司"]),
            ("LYG-2026-000456", ["演示-灌云临港废盐处置中心"]),
            ("含油抹布", ["废矿物油"]),
            ("没有的东西", []),
            ('" OR "废', []),
            ("*", []),
            ("'", []),
        ],
    )
    def test_what_is_found(self, filled, text, expected):
        assert titles(filled, text) == expected

    def test_best_first(self, session):
        index(
            session,
            [
                doc("甲", text="含废酸的说明"),
                doc("收集废酸的单位"),
                doc("废酸储罐二号"),
                doc("废酸储罐"),
                doc("废酸"),
                doc("代码", codes=("废酸",), boost=-1),
            ],
        )
        assert titles(session, "废酸") == ["废酸", "代码", "废酸储罐", "废酸储罐二号", "收集废酸的单位", "甲"]
        assert titles(session, "废酸", limit=2) == ["废酸", "代码"]

    def test_what_was_changed_is_found_by_its_new_words_alone(self, filled):
        index(filled, [doc("演示-更名后的公司", ref="废矿物油")])
        assert titles(filled, "更名") == ["演示-更名后的公司"]
        assert titles(filled, "抹布") == []

    def test_what_was_removed_is_not_found(self, filled):
        assert remove(filled, KIND, ["废矿物油", "没有"]) == 1
        assert titles(filled, "抹布") == []

    def test_the_latest_of_two_in_one_call_counts(self, session):
        assert index(session, [doc("旧名字", ref="1"), doc("新名字", ref="1")]) == 2
        assert titles(session, "名字") == ["新名字"]

    def test_very_long_texts_are_taken(self, session):
        index(session, [doc("长" * 500, ref="1", subtitle="ﷺ" * 400, text="危险废物" * 5000)])
        assert len(titles(session, "废物危险")) == 1


class TestSight:
    def viewer(self, **scope):
        scopes = {name: frozenset(value) for name, value in scope.items()}
        return Viewer(account_id=1, label="演示-张三", role=Role.COUNTY, **scopes)

    @pytest.fixture
    def scoped(self, session):
        index(
            session,
            [
                doc("单位甲", office_code="320707", unit_id=7, park_id=3),
                doc("单位乙", office_code="320706", unit_id=8),
                doc("单位名录", permission=None),
                doc("单位审计", permission=Permission.AUDIT_READ),
            ],
        )
        return session

    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            ({}, {"单位名录"}),
            ({"offices": ["320707"]}, {"单位甲", "单位名录"}),
            ({"units": [8]}, {"单位乙", "单位名录"}),
            ({"parks": [3]}, {"单位甲", "单位名录"}),
            ({"permissions": [Permission.AUDIT_READ]}, {"单位名录", "单位审计"}),
        ],
    )
    def test_own_scope_and_permissions(self, scoped, scope, expected):
        assert set(titles(scoped, "单位", user=self.viewer(**scope))) == expected

    def test_the_city_sees_all_it_has_permission_for(self, scoped):
        assert len(titles(scoped, "单位")) == 4
        city = Viewer(account_id=1, label="演示-张三", role=Role.CITY, is_city_wide=True)
        assert set(titles(scoped, "单位", user=city)) == {"单位甲", "单位乙", "单位名录"}


class TestRebuild:
    def test_the_index_follows_the_rows(self, session):
        index(session, [doc("不再有的"), doc("改过的", ref="1")])
        source = SearchSource(kind=KIND, label="试验", rows=lambda s: [doc("改过的新名", ref="1"), doc("新增的")])
        assert rebuild(session, [source]) == {KIND: 2}
        assert titles(session, "增的") == ["新增的"]
        assert titles(session, "不再") == []
        assert titles(session, "改过的新名") == ["改过的新名"]
        assert rebuild(session, [source]) == {KIND: 2}

    def test_the_index_covers_every_row(self, filled):
        assert fulltext.problems(filled, TABLE) == []

    def test_bulk_updates_are_followed_too(self, filled):
        filled.execute(update(SearchEntry).where(SearchEntry.ref == "废矿物油").values(tokens="x1x2"))
        assert titles(filled, "抹布") == []


def test_a_damaged_index_is_told_and_repaired(session):
    if session.get_bind().dialect.name != "sqlite":
        assert fulltext.problems(session, TABLE) == []
        return
    index(session, [doc("废矿物油")])
    session.connection().exec_driver_sql("INSERT INTO search_entry_fts(search_entry_fts) VALUES('delete-all')")
    assert len(fulltext.problems(session, TABLE)) == 1
    fulltext.repair(session, TABLE)
    assert fulltext.problems(session, TABLE) == []
    assert titles(session, "矿物") == ["废矿物油"]


@pytest.mark.parametrize("question", [[], [[]], [[[]]], [[['a" OR "b']]], [[["a b"]]], [[["1"]]]])
def test_only_plain_tokens_reach_the_engine(session, question):
    with pytest.raises(ValueError, match=r"question|token"):
        fulltext.matching(session, TABLE, TOKENS, question)


TEXT = st.text(st.sampled_from("废矿物油盐酸连云港ab1９-.% '\"*𬭸é"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT, question=TEXT)
def test_what_is_found_holds_the_words_and_nothing_breaks(session, title, question):
    index(session, [doc(title or "-", ref="1")])
    found = titles(session, question)
    entry = session.scalars(select(SearchEntry.plain_title).where(SearchEntry.ref == "1")).one()
    words = runs(question)
    if words and all(any(word in run for run in runs(title)) for word in words[:8]):
        assert found == [title or "-"]
    if found:
        # Pinyin apart, every word stands in the title.
        assert all(word in entry or word.isascii() for word in words)
