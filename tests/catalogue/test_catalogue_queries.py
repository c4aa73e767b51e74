from datetime import date

import pytest
from sqlalchemy import event

from hwrisk.catalogue import queries
from hwrisk.catalogue.models import CatalogueCode, CatalogueEdition
from hwrisk.catalogue.searching import SOURCE
from hwrisk.catalogue.seeding import seed
from hwrisk.errors import NotFound

DAY_2021 = date(2022, 5, 1)
DAY_2025 = date(2026, 3, 1)


@pytest.fixture
def seeded(session):
    seed(session)
    return session


def add_2025(session, *codes):
    session.add_all(
        CatalogueCode(
            edition="2025", waste_code=code, category=f"HW{code[-2:]}", category_name="其他", short_name="导入的代码"
        )
        for code in codes
    )
    session.flush()


class TestSeeding:
    def test_the_published_edition_is_whole(self, seeded):
        rows = {row.edition.edition: row.codes_loaded for row in queries.editions(seeded)}
        assert rows == {"2025": 0, "2021": 467}

    def test_seeding_again_changes_nothing(self, seeded):
        assert seed(seeded) == 0

    def test_imported_codes_survive_seeding(self, seeded):
        add_2025(seeded, "321-035-48")
        assert seed(seeded) == 0
        assert [row.codes_loaded for row in queries.editions(seeded)] == [1, 467]


class TestEditionOn:
    def test_the_edition_in_force_serves_without_a_note(self, seeded):
        serving = queries.edition_on(seeded, DAY_2021)
        assert (serving.edition.edition, serving.note) == ("2021", "")

    def test_an_edition_without_codes_is_replaced_and_named(self, seeded):
        serving = queries.edition_on(seeded, DAY_2025)
        assert (serving.edition.edition, serving.note) == ("2021", "2025年版未导入，暂按2021年版核对（待核）")

    def test_once_imported_it_serves_its_own_days_alone(self, seeded):
        add_2025(seeded, "321-035-48")
        assert queries.edition_on(seeded, date(2025, 1, 1)).edition.edition == "2025"
        assert queries.edition_on(seeded, date(2024, 12, 31)).edition.edition == "2021"

    def test_days_before_the_first_edition_are_said(self, seeded):
        serving = queries.edition_on(seeded, date(2019, 1, 1))
        assert (serving.edition.edition, serving.note) == ("2021", "2021年版以前的名录未导入，暂按2021年版核对（待核）")

    def test_nothing_loaded_is_not_found(self, session):
        session.add(
            CatalogueEdition(edition="2021", name="x", effective_from=date(2021, 1, 1), source="x", trust="verified")
        )
        session.flush()
        with pytest.raises(NotFound):
            queries.edition_on(session, DAY_2021)


class TestJudgeCodes:
    def test_each_code_is_judged_by_the_edition_of_its_day(self, seeded):
        add_2025(seeded, "321-035-48")
        asked = [("321-035-48", DAY_2021), ("321-035-48", DAY_2025), ("900-041-49", DAY_2021), ("900-000-XX", DAY_2021)]
        verdicts = queries.judge_codes(seeded, asked)
        assert [verdicts[pair].label for pair in asked] == ["名录外代码（待核）", "名录内", "名录内", "名录内"]

    def test_nothing_asked(self, seeded):
        assert queries.judge_codes(seeded, []) == {}

    def test_without_any_edition_nothing_is_listed(self, session):
        pair = ("900-041-49", DAY_2021)
        verdict = queries.judge_codes(session, [pair])[pair]
        assert (verdict.is_listed, verdict.note) == (False, "没有导入任何一版名录")

    def test_two_statements_for_three_hundred_codes(self, seeded):
        statements = []
        event.listen(seeded.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        queries.judge_codes(seeded, [(f"900-{n:03d}-49", DAY_2021) for n in range(300)])
        assert len(statements) == 2


class TestCodesMatching:
    def test_words_are_all_sought(self, seeded):
        statement = queries.codes_matching("2021", text="废矿物油 HW08")
        rows = seeded.scalars(statement).all()
        assert rows and {row.category for row in rows} == {"HW08"}

    def test_a_hazard_is_a_whole_letter(self, seeded):
        found = queries.codes_matching("2021", hazard="I")
        hazards = {row.hazard for row in seeded.scalars(found)}
        assert hazards and all("I" in hazard.split(",") for hazard in hazards)

    def test_signs_of_like_are_ordinary_text(self, seeded):
        assert queries.count_codes(seeded, queries.codes_matching("2021", text="%")) == 0

    def test_the_count_and_the_categories_of_an_edition(self, seeded):
        assert queries.count_codes(seeded, queries.codes_matching("2021")) == 467
        assert len(queries.categories(seeded, "2021")) == 46


def test_each_code_is_found_once_as_its_latest_edition_has_it(seeded):
    add_2025(seeded, "900-041-49")
    docs = [doc for doc in SOURCE.rows(seeded) if doc.ref == "900-041-49"]
    assert [doc.subtitle for doc in docs] == ["HW49 其他 · 2025年版"]
    assert len(list(SOURCE.rows(seeded))) == 467
