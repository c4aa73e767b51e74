from datetime import date
from uuid import uuid4

import pytest
from rulepack_samples import BODY, LATER, RUNNER, WHEN, pack_text
from sqlalchemy import func, select

from hwrisk.errors import BadFile, NotFound, RuleViolation
from hwrisk.rulepacks import queries
from hwrisk.rulepacks.models import Law, LawClause, LawKind, RulePack
from hwrisk.rulepacks.operations import activate, check_pack, load_pack
from hwrisk.rulepacks.queries import PackState
from hwrisk.rulepacks.records import CaseRunner, VerdictChange, VerdictSource
from hwrisk.rulepacks.trust import Trust

DAY = date(2026, 6, 1)


def load(session, body=BODY, **header):
    return load_pack(session, pack_text(body, **header), actor_label="演示-张三", recorded_at=WHEN)


def start(session, pack, *, at=WHEN):
    return activate(session, pack, runners=[RUNNER], actor_label="演示-李四", recorded_at=at)


class TestLoadPack:
    def test_a_loaded_pack_is_kept_but_not_yet_in_force(self, session):
        pack = load(session)
        assert (pack.loaded_by, pack.loaded_at, pack.activated_at) == ("演示-张三", WHEN, None)
        with pytest.raises(NotFound, match="在 2026-06-01 没有已启用的版本"):
            queries.parameters(session, "days-limit", on=DAY)

    def test_the_same_text_twice_changes_nothing(self, session):
        assert load(session) is load(session)
        assert session.scalar(select(func.count()).select_from(RulePack)) == 1

    def test_a_version_is_never_overwritten(self, session):
        load(session)
        with pytest.raises(RuleViolation, match=r"days-limit 的 2026\.1 版已装入且内容不同"):
            load(session, title='"另一个名称"')

    def test_the_same_version_may_exist_for_another_region(self, session):
        assert load(session).id != load(session, region='"320000"').id

    def test_what_is_not_a_pack_leaves_nothing(self, session):
        with pytest.raises(BadFile):
            load_pack(session, "不是规则包", actor_label="演示-张三", recorded_at=WHEN)
        assert session.scalar(select(func.count()).select_from(RulePack)) == 0

    def test_what_comes_back_from_the_database_is_what_was_written(self, session):
        load(session, 'names = ["镉镍"]\nfrom_day = 2024-02-29\nflag = false')
        session.expire_all()
        pack = session.scalars(select(RulePack)).one()
        assert pack.parameters == {"names": ["镉镍"], "from_day": "2024-02-29", "flag": False}
        assert (pack.trust, pack.case_results) == (Trust.UNVERIFIED, None)


class TestActivate:
    def test_activation_records_who_when_and_how_the_cases_came_out(self, session):
        pack = load(session)
        results = start(session, pack)
        assert [result.passed for result in results] == [True]
        assert (pack.activated_by, pack.activated_at) == ("演示-李四", WHEN)
        assert pack.case_results == [
            {
                "name": "第7天",
                "passed": True,
                "expected": {"last": "2026-03-04"},
                "got": {"last": "2026-03-04"},
                "message": "",
            }
        ]
        assert queries.parameters(session, "days-limit", on=DAY) is pack

    def test_a_failing_case_refuses_and_names_the_values(self, session):
        pack = load(session, BODY.replace("days = 7", "days = 8"))
        with pytest.raises(
            RuleViolation, match="1 条试算用例有 1 条不符，未启用：“第7天”last 应为 2026-03-04，算得 2026-03-05"
        ):
            start(session, pack)
        assert (pack.activated_at, pack.case_results) == (None, None)

    def test_many_failures_are_cut_short(self, session):
        case = '[[case]]\nname = "{}"\ninput = {{ start = 2026-02-25 }}\nexpect = {{ last = 2026-03-09 }}\n'
        pack = load(session, "days = 7\n" + "".join(case.format(n) for n in range(7)))
        with pytest.raises(RuleViolation, match=r"；另有 2 条$"):
            start(session, pack)

    def test_a_pack_without_cases_is_refused(self, session):
        pack = load(session, "days = 7")
        with pytest.raises(RuleViolation, match="没有试算用例"):
            start(session, pack)

    def test_a_pack_nobody_can_work_out_is_refused(self, session):
        with pytest.raises(RuleViolation, match="没有对应的试算程序"):
            activate(
                session,
                load(session),
                runners=[CaseRunner("other", RUNNER.run)],
                actor_label="演示-李四",
                recorded_at=WHEN,
            )

    def test_activating_again_changes_nothing(self, session):
        pack = load(session)
        start(session, pack)
        activate(session, pack, runners=[RUNNER], actor_label="演示-王五", recorded_at=LATER)
        assert (pack.activated_by, pack.activated_at) == ("演示-李四", WHEN)

    def test_checking_alone_changes_nothing(self, session):
        pack = load(session)
        assert [result.passed for result in check_pack(pack, runners=[RUNNER])] == [True]
        assert pack.activated_at is None


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
