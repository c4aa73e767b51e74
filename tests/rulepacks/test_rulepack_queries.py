from datetime import date
from uuid import uuid4

import pytest
from rulepack_samples import BODY, DAY, LATER, WHEN, load, start

from hwrisk.errors import NotFound
from hwrisk.rulepacks import queries
from hwrisk.rulepacks.models import Law, LawClause, LawKind
from hwrisk.rulepacks.queries import PackState
from hwrisk.rulepacks.records import VerdictChange, VerdictSource
from hwrisk.rulepacks.trust import Trust


class TestParameters:
    @pytest.mark.parametrize(
        ("day", "is_in_force"),
        [
            (date(2025, 12, 31), False),
            (date(2026, 1, 1), True),
            (date(2026, 12, 31), True),
            (date(2027, 1, 1), False),
        ],
    )
    def test_both_the_first_and_the_last_day_are_in_force(self, session, day, is_in_force):
        pack = load(session, effective_until="2026-12-31")
        start(session, pack)
        if is_in_force:
            assert queries.parameters(session, "days-limit", on=day) is pack
        else:
            with pytest.raises(NotFound):
                queries.parameters(session, "days-limit", on=day)

    def test_the_later_effective_day_goes_first(self, session):
        old, new = load(session), load(session, version='"2026.2"', effective_from="2026-07-01")
        start(session, new)
        start(session, old, at=LATER)
        assert queries.parameters(session, "days-limit", on=date(2026, 6, 30)) is old
        assert queries.parameters(session, "days-limit", on=date(2026, 7, 1)) is new

    def test_a_correction_from_the_same_day_replaces_but_the_past_can_still_be_asked(self, session):
        old, new = load(session), load(session, version='"2026.2"')
        start(session, old)
        start(session, new, at=LATER)
        assert queries.parameters(session, "days-limit", on=DAY) is new
        assert queries.parameters(session, "days-limit", on=DAY, known_at=WHEN) is old

    def test_the_city_goes_before_the_province_and_the_nation(self, session):
        nation, city = load(session, region='"CN"'), load(session, effective_until="2026-06-01")
        province = load(session, region='"320000"', version='"2026.9"', effective_from="2026-03-01")
        for pack in (nation, city, province):
            start(session, pack)
        assert queries.parameters(session, "days-limit", on=date(2026, 6, 1)) is city
        assert queries.parameters(session, "days-limit", on=date(2026, 6, 2)) is province


class TestAllPacks:
    def test_each_version_says_where_it_stands(self, session):
        expired = load(session, version='"2025.1"', effective_from="2025-01-01", effective_until="2025-12-31")
        replaced, in_force = load(session), load(session, version='"2026.2"')
        future = load(session, version='"2027.1"', effective_from="2027-01-01")
        loaded = load(session, version='"2026.3"')
        for pack in (expired, replaced, future):
            start(session, pack)
        start(session, in_force, at=LATER)
        states = {row.pack: row.state for row in queries.all_packs(session, on=DAY)}
        assert states == {
            expired: PackState.EXPIRED,
            replaced: PackState.REPLACED,
            in_force: PackState.IN_FORCE,
            future: PackState.FUTURE,
            loaded: PackState.LOADED,
        }

    def test_there_may_be_none(self, session):
        assert queries.all_packs(session, on=DAY) == []


class TestGetPack:
    def test_it_is_found_by_its_public_id(self, session):
        pack = load(session)
        assert queries.get_pack(session, pack.public_id) is pack
        with pytest.raises(NotFound):
            queries.get_pack(session, uuid4())


class TestVerdictChanges:
    def test_rooms_of_the_same_pack_compare_the_old_and_the_new(self, session):
        old, new = load(session), load(session, version='"2026.2"', body=BODY + "\n# 更正\n")
        source = VerdictSource(
            "days-limit", "超期贮存", lambda s, before, after, on: [VerdictChange("演示", str(before), str(on))]
        )
        other = VerdictSource("other", "无关", lambda s, before, after, on: [VerdictChange("x", "", "")])
        asked = queries.verdict_changes(session, new, sources=[source, other], as_of=DAY)
        assert asked == [("超期贮存", [("演示", "None", "2026-06-01")])]
        start(session, old)
        asked = queries.verdict_changes(session, new, sources=[source, other], as_of=DAY)
        assert asked == [("超期贮存", [("演示", "{'days': 7}", "2026-06-01")])]


class TestCitation:
    def law(self, session, key, *, kind=LawKind.LAW, starts=None, ends=None, document_no="", title=None):
        law = Law(
            law_key=key,
            kind=kind,
            title=title or key,
            document_no=document_no,
            region="CN",
            effective_from=starts,
            effective_until=ends,
            source="全文",
            trust=Trust.VERIFIED,
            date_trust=Trust.VERIFIED,
        )
        session.add(law)
        session.flush()
        return law

    def clause(self, session, law, number, *, trust=Trust.VERIFIED, subject="storage"):
        session.add(
            LawClause(law_id=law.id, subject=subject, clause=number, brief="不超过一年", source="全文", trust=trust)
        )
        session.flush()

    @pytest.mark.parametrize(
        ("day", "text"),
        [
            (date(2026, 8, 14), "《旧法》（2020年修订）第八十一条第三款"),
            (date(2026, 8, 15), "《新法》第五百三十五条第三款"),
        ],
    )
    def test_the_law_in_force_on_the_day_is_cited(self, session, day, text):
        old = self.law(session, "旧法", starts=date(2020, 9, 1), ends=date(2026, 8, 14), document_no="2020年修订")
        self.clause(session, old, "第八十一条第三款")
        self.clause(session, self.law(session, "新法", starts=date(2026, 8, 15)), "第五百三十五条第三款")
        cited = queries.citation(session, "storage", on=day)
        assert (cited.text, cited.shown, cited.trust) == (text, text, Trust.VERIFIED)
        assert queries.citations(session, on=day) == {"storage": cited}

    def test_a_law_of_unknown_day_counts_until_a_dated_one_comes(self, session):
        self.clause(session, self.law(session, "老办法"), "第二十条")
        self.clause(session, self.law(session, "新办法", starts=date(2026, 1, 1)), "第二条")
        assert queries.citation(session, "storage", on=date(2025, 12, 31)).law_key == "老办法"
        assert queries.citation(session, "storage", on=date(2026, 1, 1)).law_key == "新办法"
        assert queries.citations(session, on=date(2026, 1, 1))["storage"].law_key == "新办法"

    def test_an_own_rule_is_not_dressed_up_as_law_and_says_that_it_is_unchecked(self, session):
        own = self.law(session, "own", kind=LawKind.INTERNAL, title="市局内部管理规则")
        self.clause(session, own, "", trust=Trust.UNVERIFIED)
        assert queries.citation(session, "storage", on=DAY).shown == "市局内部管理规则（待核）"

    def test_an_unknown_subject_is_an_error_not_an_empty_text(self, session):
        with pytest.raises(NotFound, match="事项 nothing 在 2026-06-01 没有登记有效的法规依据"):
            queries.citation(session, "nothing", on=DAY)
