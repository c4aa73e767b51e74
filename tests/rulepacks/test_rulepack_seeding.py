import shutil
from datetime import date

import pytest
from rulepack_samples import WHEN
from sqlalchemy import func, select

from hwrisk.resources import resource_dir
from hwrisk.rulepacks import queries
from hwrisk.rulepacks.models import Law, LawClause, RulePack
from hwrisk.rulepacks.records import CaseRunner
from hwrisk.rulepacks.rules import parse_pack
from hwrisk.rulepacks.seeding import seed
from hwrisk.rulepacks.trust import Trust

RULES = sorted((resource_dir("seeds") / "rules").glob("*.toml"))


def answers() -> list[CaseRunner]:
    """Runners that know every seeded case by heart: seeding is tested here, not the arithmetic."""
    packs = [parse_pack(path.read_text(encoding="utf-8")) for path in RULES]

    def runner(pack):
        expected = {str(sorted(case.input.items())): case.expect for case in pack.cases}
        return CaseRunner(pack.pack_id, lambda parameters, given: expected[str(sorted(given.items()))])

    return [runner(pack) for pack in packs]


class TestSeed:
    def test_everything_is_loaded_and_in_force_and_again_nothing_changes(self, session):
        outcome = seed(session, runners=answers(), recorded_at=WHEN)
        clauses = session.scalar(select(func.count()).select_from(LawClause))
        laws = session.scalar(select(func.count()).select_from(Law))
        assert (outcome.added, outcome.changed, outcome.notes) == (laws + clauses + len(RULES), 0, ())
        assert seed(session, runners=answers(), recorded_at=WHEN) == (0, 0, outcome.added, ())

    def test_without_runners_packs_wait_and_the_notes_say_why(self, session):
        outcome = seed(session, runners=[], recorded_at=WHEN)
        assert len(outcome.notes) == len(RULES)
        assert all("没有对应的试算程序" in note for note in outcome.notes)
        assert session.scalars(select(RulePack.activated_at)).all() == [None] * len(RULES)

    def test_a_corrected_row_is_updated_in_place(self, session, tmp_path):
        seed(session, runners=answers(), recorded_at=WHEN)
        for name in ("law", "rules"):
            shutil.copytree(resource_dir("seeds") / name, tmp_path / name)
        laws = tmp_path / "law" / "laws.csv"
        laws.write_text(
            laws.read_text(encoding="utf-8").replace("部令第23号,CN", "部令第23号（改）,CN"), encoding="utf-8"
        )
        outcome = seed(session, runners=answers(), recorded_at=WHEN, folder=tmp_path)
        assert (outcome.added, outcome.changed) == (0, 1)

    @pytest.mark.parametrize(
        ("subject", "day", "text", "trust"),
        [
            (
                "storage_one_year",
                date(2026, 8, 14),
                "《固体废物污染环境防治法》（2020年修订）第八十一条第三款",
                Trust.VERIFIED,
            ),
            ("storage_one_year", date(2026, 8, 15), "《生态环境法典》第五百三十五条第三款", Trust.VERIFIED),
            ("manifest_number", date(2026, 11, 23), "《危险废物转移管理办法》（部令第23号）第十五条", Trust.VERIFIED),
            ("generator_365_days", date(2026, 11, 23), "市生态环境局内部管理规则", Trust.UNVERIFIED),
        ],
    )
    def test_citations_follow_the_day(self, session, subject, day, text, trust):
        seed(session, runners=answers(), recorded_at=WHEN)
        cited = queries.citation(session, subject, on=day)
        assert (cited.text, cited.trust) == (text, trust)

    def test_the_whole_law_table_can_be_listed(self, session):
        seed(session, runners=answers(), recorded_at=WHEN)
        laws = queries.all_laws(session)
        assert laws[0].law_key == "eco-code"
        assert {clause.law_id for clause in queries.clauses_of(session, laws[0])} == {laws[0].id}

    def test_every_pack_is_in_force_today(self, session):
        seed(session, runners=answers(), recorded_at=WHEN)
        for path in RULES:
            assert queries.parameters(session, path.stem, on=date(2026, 11, 23)).version == "2026.1"
