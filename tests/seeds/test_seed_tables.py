"""The seed tables hold what their README says, and nothing without source and trust."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from stdnum.cn import uscc

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
TABLES = sorted(path.relative_to(SEEDS).as_posix() for path in SEEDS.rglob("*.csv"))
TRUSTS = {"verified", "second_hand", "derived", "unverified"}
CODE = re.compile(r"\d{3}-\d{3}-\d{2}")


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(name: str, heading: str) -> list[str]:
    return [row[heading] for row in rows(name)]


class TestEveryTable:
    @pytest.mark.parametrize("name", TABLES)
    def test_every_row_has_source_and_trust_and_no_stray_blank(self, name):
        for number, row in enumerate(rows(name), start=2):
            assert None not in row, f"{name} 第{number}行列数不符"
            assert None not in row.values(), f"{name} 第{number}行列数不符"
            assert row["source"], f"{name} 第{number}行没有来源"
            assert row["trust"] in TRUSTS, f"{name} 第{number}行"
            assert all(value == value.strip() for value in row.values()), f"{name} 第{number}行有多余空格"

    @pytest.mark.parametrize("name", TABLES)
    def test_the_readme_lists_it(self, name):
        assert f"`{name}`" in (SEEDS / "README.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", TABLES)
    def test_days_are_days_and_in_order(self, name):
        for row in rows(name):
            for start, end in (("effective_from", "effective_until"), ("valid_from", "valid_until")):
                days = [date.fromisoformat(row[key]) for key in (start, end) if row.get(key)]
                assert days == sorted(days)

    @pytest.mark.parametrize(
        ("name", "keys"),
        [
            ("regions/regions.csv", ["code"]),
            ("catalogue/editions.csv", ["edition"]),
            ("catalogue/waste_codes.csv", ["edition", "waste_code"]),
            ("catalogue/hazard_semantics.csv", ["edition", "waste_code"]),
            ("catalogue/exemptions.csv", ["edition", "row_no"]),
            ("catalogue/treatment_methods.csv", ["code"]),
            ("catalogue/stream_tags.csv", ["tag"]),
            ("law/laws.csv", ["law_key"]),
            ("law/clauses.csv", ["subject", "law_key"]),
            ("parks/parks.csv", ["park_code"]),
            ("parks/park_facts.csv", ["ref"]),
            ("parks/public_resources.csv", ["ref"]),
            ("units/public_units.csv", ["ref"]),
            ("units/public_facilities.csv", ["ref"]),
            ("units/public_waste_figures.csv", ["ref"]),
            ("demo/calibration_facts.csv", ["ref"]),
        ],
    )
    def test_the_natural_key_is_unique(self, name, keys):
        counts = Counter(tuple(row[key] for key in keys) for row in rows(name))
        assert [key for key, count in counts.items() if count > 1] == []

    def test_no_telephone_number_or_identity_number(self):
        for name in TABLES:
            for row in rows(name):
                text = " ".join(value for key, value in row.items() if key not in {"source", "uscc", "fact"})
                assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dX](?!\d)", text)


class TestRegions:
    def test_each_kind_is_one_tree_that_divides_the_city_once(self):
        for kind, root, leaves in (("admin", "320700", 6), ("office", "LYG", 10)):
            of_kind = {row["code"]: row for row in rows("regions/regions.csv") if row["kind"] == kind}
            assert [code for code, row in of_kind.items() if not row["parent_code"]] == [root]
            assert all(row["parent_code"] == root for code, row in of_kind.items() if code != root)
            assert len(of_kind) == leaves + 1

    def test_names_are_unique_within_a_kind(self):
        counts = Counter((row["kind"], row["name"]) for row in rows("regions/regions.csv"))
        assert set(counts.values()) == {1}

    def test_the_functional_zones_have_their_own_codes(self):
        zones = {row["code"] for row in rows("regions/regions.csv") if row["level"] == "zone"}
        assert zones == {"LYG-KFQ", "LYG-GXQ", "LYG-XW", "LYG-YTS"}


class TestCatalogue:
    def test_the_2021_edition_has_467_codes_in_46_categories(self):
        codes = rows("catalogue/waste_codes.csv")
        assert len(codes) == 467
        assert len({row["category_code"] for row in codes}) == 46
        assert {row["edition"] for row in codes} == {"2021"}

    def test_the_last_two_digits_are_the_category(self):
        for row in rows("catalogue/waste_codes.csv"):
            assert CODE.fullmatch(row["waste_code"])
            assert row["category_code"] == "HW" + row["waste_code"][-2:]

    def test_there_is_no_hw41_to_hw44(self):
        present = set(column("catalogue/waste_codes.csv", "category_code"))
        assert {f"HW{n:02}" for n in range(1, 51)} - present == {"HW41", "HW42", "HW43", "HW44"}

    def test_a_category_has_one_name(self):
        pairs = {(row["category_code"], row["category_name"]) for row in rows("catalogue/waste_codes.csv")}
        assert len(pairs) == 46

    def test_hazards_are_the_five_letters(self):
        for row in rows("catalogue/waste_codes.csv"):
            assert set(row["hazard"].split(",")) <= {"T", "C", "I", "R", "In"}

    def test_every_code_with_several_hazards_says_how_to_read_them(self):
        several = {
            row["waste_code"]: row["hazard"] for row in rows("catalogue/waste_codes.csv") if "," in row["hazard"]
        }
        semantics = {row["waste_code"]: row["hazard"] for row in rows("catalogue/hazard_semantics.csv")}
        assert several == semantics
        assert set(column("catalogue/hazard_semantics.csv", "rule")) == {"any_of", "first_certain_rest_possible"}

    def test_exemptions_name_known_codes_only(self):
        known = set(column("catalogue/waste_codes.csv", "waste_code"))
        categories = set(column("catalogue/waste_codes.csv", "category_code"))
        for row in rows("catalogue/exemptions.csv"):
            named = set(filter(None, row["waste_codes"].split(";")))
            allowed = {
                "code": known,
                "code_and_description": known,
                "category": categories,
                "description": set(),
                "any": {"*"},
            }
            assert named <= allowed[row["scope_kind"]]
        assert {int(n) for n in column("catalogue/exemptions.csv", "exemption_no")} == set(range(1, 33))

    def test_editions_follow_one_another_and_2025_waits_for_its_text(self):
        old, new = rows("catalogue/editions.csv")
        assert (date.fromisoformat(new["effective_from"]) - date.fromisoformat(old["effective_until"])).days == 1
        assert (new["codes_published"], new["codes_loaded"]) == ("470", "0")

    def test_an_alias_proposes_one_stream_only(self):
        aliases = Counter(a for row in rows("catalogue/stream_tags.csv") for a in row["aliases"].split(";") if a)
        assert [alias for alias, count in aliases.items() if count > 1] == []

    def test_methods_say_recovery_or_disposal(self):
        assert set(column("catalogue/treatment_methods.csv", "outcome")) == {"recovery", "disposal"}


class TestLaw:
    def test_every_clause_belongs_to_a_known_law_that_has_clauses(self):
        assert set(column("law/clauses.csv", "law_key")) == set(column("law/laws.csv", "law_key"))

    def test_one_law_hands_over_to_the_next_without_gap_or_overlap(self):
        by_key = {row["law_key"]: row for row in rows("law/laws.csv")}
        assert by_key["solid-waste-law-2020"]["effective_until"] == "2026-08-14"
        assert by_key["eco-code"]["effective_from"] == "2026-08-15"

    def test_a_subject_is_never_ruled_by_two_laws_on_one_day(self):
        by_key = {row["law_key"]: row for row in rows("law/laws.csv")}
        for day in (date(2026, 8, 14), date(2026, 8, 15)):
            in_force = Counter(
                row["subject"] for row in rows("law/clauses.csv") if self.is_in_force(by_key[row["law_key"]], day)
            )
            assert {subject for subject, count in in_force.items() if count > 1} == set()

    @staticmethod
    def is_in_force(law: dict[str, str], day: date) -> bool:
        starts = law["effective_from"] or "0001-01-01"
        ends = law["effective_until"] or "9999-12-31"
        return starts <= day.isoformat() <= ends

    def test_a_clause_without_number_is_not_called_verified(self):
        for row in rows("law/clauses.csv"):
            assert row["clause"] or row["trust"] != "verified"


class TestPublicData:
    def test_nothing_published_was_dropped(self):
        counts = {
            "units/public_waste_figures.csv": 37,
            "units/public_facilities.csv": 17,
            "parks/parks.csv": 4,
            "parks/park_facts.csv": 22,
            "parks/public_resources.csv": 24,
            "demo/calibration_facts.csv": 9,
        }
        assert {name: len(rows(name)) for name in counts} == counts
        assert sum(row["origin"] == "企业摘录" for row in rows("units/public_units.csv")) == 34

    def test_uscc_are_the_two_published_and_their_check_digits_hold(self):
        published = {row["name_as_published"]: row["uscc"] for row in rows("units/public_units.csv") if row["uscc"]}
        assert set(published) == {"江苏东浦管桩有限公司", "连云港志岩建设工程有限公司"}
        assert all(uscc.is_valid(code) for code in published.values())

    def test_all_units_say_that_they_are_not_the_regulators_list(self):
        assert set(column("units/public_units.csv", "list_status")) == {"公开资料，未纳入监管名录"}

    def test_one_unit_key_has_one_place(self):
        for kind in ("admin_code", "office_code"):
            places: dict[str, set[str]] = {}
            for row in rows("units/public_units.csv"):
                places.setdefault(row["unit_key"], set()).add(row[kind])
            assert all(len(found) == 1 for found in places.values())

    @pytest.mark.parametrize("name", ["units/public_units.csv", "units/public_facilities.csv", "parks/parks.csv"])
    def test_places_are_known_regions_of_the_right_kind(self, name):
        kinds = {row["code"]: row["kind"] for row in rows("regions/regions.csv")}
        for row in rows(name):
            assert not row["admin_code"] or kinds[row["admin_code"]] == "admin"
            assert not row["office_code"] or kinds[row["office_code"]] == "office"
            assert bool(row["mapping_trust"]) == bool(row["admin_code"] or row["office_code"])
            assert (row["admin_code"] and row["office_code"]) or row["note"]

    def test_facts_point_to_known_parks(self):
        parks = set(column("parks/parks.csv", "park_code"))
        for name in ("parks/park_facts.csv", "parks/public_resources.csv", "units/public_units.csv"):
            assert set(column(name, "park_code")) - {""} <= parks

    def test_conflicting_figures_stand_side_by_side(self):
        groups: dict[str, set[str]] = {}
        for row in rows("parks/park_facts.csv"):
            if row["conflict_group"]:
                groups.setdefault(row["conflict_group"], set()).add(row["value"])
        assert groups == {
            "lyg-gn-area": {"8.42", "30"},
            "lyg-gn-enterprises": {"84", "120"},
            "lyg-gy-enterprises": {"116", "135"},
            "lyg-park-count": {"4", "5"},
        }

    def test_facilities_do_not_pretend_to_know_their_licence(self):
        assert set(column("units/public_facilities.csv", "licence_no")) == {""}
