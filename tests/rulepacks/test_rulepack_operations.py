import hashlib
from datetime import date

import pytest
from rulepack_samples import BODY, DAY, LATER, LOADER, OTHER, RUNNER, STARTER, WHEN, load, start
from sqlalchemy import func, select

from hwrisk import audit
from hwrisk.audit import AuditEntry
from hwrisk.errors import BadFile, NotFound, RuleViolation
from hwrisk.rulepacks import CHECKS, queries
from hwrisk.rulepacks.models import RulePack
from hwrisk.rulepacks.operations import activate, check_pack, load_pack
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.rulepacks.trust import Trust


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
            load_pack(session, "不是规则包", actor=LOADER, recorded_at=WHEN)
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
                actor=STARTER,
                recorded_at=WHEN,
            )

    def test_activating_again_changes_nothing(self, session):
        pack = load(session)
        start(session, pack)
        activate(session, pack, runners=[RUNNER], actor=OTHER, recorded_at=LATER)
        assert (pack.activated_by, pack.activated_at) == ("演示-李四", WHEN)

    def test_checking_alone_changes_nothing(self, session):
        pack = load(session)
        assert [result.passed for result in check_pack(pack, runners=[RUNNER])] == [True]
        assert pack.activated_at is None


class TestAudit:
    def test_loading_and_activating_leave_a_trace_and_repeating_does_not(self, session):
        pack = load(session)
        load(session)
        start(session, pack)
        start(session, pack, at=LATER)
        audit.link(session)
        trail = [(entry.action, entry.actor_label, entry.object_id) for entry in session.scalars(select(AuditEntry))]
        assert trail == [
            ("rule_pack.load", "演示-张三", str(pack.id)),
            ("rule_pack.activate", "演示-李四", str(pack.id)),
        ]


class TestChecks:
    def problems(self, session):
        return [problem for check in CHECKS for problem in check.run(session)]

    def test_untouched_packs_pass(self, session):
        start(session, load(session, effective_until="2026-12-31"))
        assert self.problems(session) == []

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            ("body", "days = 8", "原文被改动"),
            ("parameters", {"days": 8}, "参数与原文不符"),
            ("effective_from", date(2020, 1, 1), "编号、版本、地区、起止日期或可信程度与原文不符"),
        ],
    )
    def test_a_pack_changed_behind_the_systems_back_is_found(self, session, field, value, problem):
        setattr(load(session), field, value)
        session.flush()
        assert self.problems(session) == [f"规则包 days-limit 2026.1（320700）与装入时不一致：{problem}"]

    def test_a_text_that_is_no_pack_any_more_is_found(self, session):
        pack = load(session)
        pack.body = "不是规则包"
        pack.body_sha256 = hashlib.sha256(pack.body.encode()).hexdigest()
        session.flush()
        assert "不符合 TOML 格式" in self.problems(session)[0]
