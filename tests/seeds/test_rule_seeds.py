"""The cases of every seeded rule pack, worked out here by hand-written arithmetic that knows nothing of the package."""

import calendar
import csv
import math
import tomllib
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
PACKS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((SEEDS / "rules").glob("*.toml"))
}
CASES = [pytest.param(key, case, id=f"{key}:{case['name']}") for key, pack in PACKS.items() for case in pack["case"]]

# Days off and made-up working days of the months the cases run through, copied from the published arrangements.
DAYS_OFF = {
    *(date(2024, 2, day) for day in range(12, 17)),
    date(2024, 4, 4),
    date(2024, 4, 5),
    *(date(2024, 5, day) for day in range(1, 4)),
    *(date(2025, 10, day) for day in (1, 2, 3, 6, 7, 8)),
    date(2026, 1, 1),
    date(2026, 1, 2),
}
MADE_UP = {
    date(2024, 2, 4),
    date(2024, 2, 18),
    date(2024, 4, 7),
    date(2024, 4, 28),
    date(2024, 5, 11),
    date(2025, 9, 28),
    date(2025, 10, 11),
    date(2026, 1, 4),
}


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def working_days_later(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day in MADE_UP or (day.weekday() < 5 and day not in DAYS_OFF)
    return day


def last_day(start: date, period: dict[str, int]) -> date:
    ((unit, count),) = period.items()
    if unit in {"years", "months"}:
        return months_later(start, count * (12 if unit == "years" else 1))
    return working_days_later(start, count) if unit == "working_days" else start + timedelta(days=count)


def storage_limit(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    def applies(limit: dict[str, Any]) -> bool:
        waste = limit["waste"]
        return (
            limit["enabled"]
            and given["role"] in limit["roles"]
            and (not limit["facility_kinds"] or given["facility_kind"] in limit["facility_kinds"])
            and (not limit["spot_grade"] or given.get("spot_grade") == limit["spot_grade"])
            and (not waste["categories"] or "HW" + given["waste_code"][-2:] in waste["categories"])
            and (not waste["codes"] or given["waste_code"] in waste["codes"])
            and (not waste["names"] or any(name in given["waste_name"] for name in waste["names"]))
        )

    limit = next(limit for limit in pack["limit"] if applies(limit))
    last = last_day(given["stored_on"], limit["period"])
    return {
        "limit": limit["key"],
        "last_lawful_day": last,
        "overdue": given["as_of"] > last,
        "label": limit["label"],
    }


def indicator_target(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if given["question"] == "target":
        target = next(row for row in pack["target"] if row["indicator"] == given["indicator"])
        rate = Fraction(given["numerator"]) / Fraction(given["denominator"]) * 100
        exact = Decimal(rate.numerator) / Decimal(rate.denominator)
        met = rate >= Fraction(target["percent"])
        shown = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        if not met and shown >= Decimal(target["percent"]):
            shown = exact.quantize(Decimal("0.01"), ROUND_DOWN)
        return {"met": met, "shown": str(shown)}
    length = {"month": 1, "quarter": 3, "year": 12}[given["cycle"]]
    following = months_later(given["period_start"], length)
    if given["question"] == "frozen_on":
        days = next(row for row in pack["setting"] if row["key"] == "freeze_days")["values"][given["cycle"]]
        return {"frozen_on": following + timedelta(days=days - 1)}
    rule = next(
        row
        for row in pack["reporting"]
        if (row["management_class"], row["cycle"]) == (given["management_class"], given["cycle"])
    )
    return {"due_on": months_later(following, rule["due_month_offset"] - 1).replace(day=rule["due_day"])}


def correction(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    change, original = abs(Decimal(given["change_tonnes"])), Decimal(given["original_tonnes"])
    large = change * 100 > original * Decimal(pack["large"]["percent_of_original"])
    large = large or change > Decimal(pack["large"]["tonnes"])
    key = "large" if large else "frozen_period" if given["frozen"] else "open_period"
    return {"large": large, "decided_by": pack["decides"][key]}


def not_stored(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    return {"warning": (given["as_of"] - given["generated_on"]).days > pack["days"]}


def assessment(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    settings = {row["key"]: row["values"] for row in pack["setting"]}
    if given["question"] == "qualified":
        weighted = Decimal(given["met"]) + Decimal(settings["qualified_weight"]["basic"]) * given["basic"]
        rate = weighted * 100 / (given["met"] + given["basic"] + given["not_met"])
        return {"percent": str(rate.quantize(Decimal("0.01"), ROUND_HALF_UP))}
    items = [row for row in pack["item"] if row["subject"] == given["subject"] and row["enabled"]]
    rated = {row["no"]: given["ratings"].get(row["no"], given["others"]) for row in items}
    applicable = {no: rating for no, rating in rated.items() if rating != "not_applicable"}
    score = sum(settings["points"][rating] for rating in applicable.values())
    score -= settings["accidents"]["each"] * given["accidents"]
    full = 2 * len(applicable)
    vetoes = [row["no"] for row in items if row["veto"] and applicable.get(row["no"]) == "not_met"]
    vetoes += ["事故"] * given["major_accident"]
    grade = "met" if 60 * score >= 50 * full else "basic" if 60 * score >= 40 * full else "not_met"
    return {"score": str(score), "full": str(full), "grade": "not_met" if vetoes else grade, "vetoes": vetoes}


def required_volume(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    def fire(unit: dict[str, Any]) -> Fraction:
        return sum((Fraction(line["flow"]) * Fraction(line["hours"]) for line in unit["fire"]), Fraction(0))

    assert given["method"] in {row["key"] for row in pack["method"]}
    if given["method"] == "gb50483":
        total, _, water = max(
            (Fraction(u["v1"]) + fire(u) + Fraction(u["vr"]) - Fraction(u["v3"]), number, fire(u))
            for number, u in enumerate(given["units"])
        )
        return {"v2": str(water), "total": str(total)}
    rain = 10 * Fraction(given["qa"]) / Fraction(given["n"]) * Fraction(given["f"])
    inner, water = max((Fraction(u["v1"]) + fire(u) - Fraction(u["v3"]), fire(u)) for u in given["units"])
    return {"v2": str(water), "v5": str(rain), "total": str(max(inner, Fraction(0)) + Fraction(given["v4"]) + rain)}


def containment_setting(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    value = {row["key"]: row["value"] for row in pack["setting"]}
    if given["question"] == "due":
        days = int(value["valve_test_days" if given["kind"] == "valve_test" else "inspection_days"])
        return {"due_on": given["done_on"] + timedelta(days=days)}
    effective, occupied = Fraction(given["effective"]), Fraction(given["occupied"])
    if given["question"] == "alarm":
        return {"alarm": occupied / effective > Fraction(value["alarm_share"])}
    if (given["as_of"] - given["confirmed_on"]).days > int(value["level_days"]):
        occupied = min(effective, occupied + effective * Fraction(value["level_margin_percent"]) / 100)
    return {"counted": str(occupied), "available": str(effective - occupied)}


def containment_checklist(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if given["question"] == "done":
        missing = sum(given["states"].get(item["key"]) != "done" for item in pack["item"])
        return {"done": missing == 0, "missing": missing}
    keys = [park["code"] for park in pack["park"]]
    done = len(set(keys) & set(given["done"]))
    return {"done": done, "key": len(keys), "met": done * 100 >= len(keys) * int(pack["target_percent"])}


def emergency_stock(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if given["question"] == "minutes":
        driving = Fraction(given["straight_km"]) * Fraction(pack["road_factor"]) * 60 / pack["speed_kmh"]
        return {"minutes": pack["loading_minutes"] + math.ceil(driving)}
    expires, confirmed, today = given.get("expires_on"), given.get("last_confirmed_on"), given["as_of"]
    if given["remaining_milli"] == 0:
        return {"state": "out"}
    if expires and (today - expires).days >= 1:
        return {"state": "expired"}
    if confirmed is None or (today - confirmed).days > pack["confirm_days"]:
        return {"state": "unconfirmed"}
    near = expires is not None and (expires - today).days <= pack["expiring_days"]
    return {"state": "expiring" if near else "normal"}


def permits(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if "received" in given:
        reached = [
            alarm
            for alarm in pack["alarms_percent"]
            if Decimal(given["received"]) * 100 >= Decimal(given["licensed"]) * alarm
        ]
        return {"alarm": max(reached, default=0)}
    if "kind" in given:
        year, month, day = (int(part) for part in given["valid_from"].split("-"))
        year += pack["term_years"][given["kind"]]
        leap = calendar.isleap(year)
        end = date(year, 3, 1) if (month, day) == (2, 29) and not leap else date(year, month, day)
        return {"last_day": (end - timedelta(days=1)).isoformat()}
    weeks, rest = divmod(pack["renewal_working_days"], 5)
    assert rest == 0
    return {"due_on": (date.fromisoformat(given["expires_on"]) - timedelta(days=7 * weeks)).isoformat()}


def capacity(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    if "own" in given:
        own, city, entrusted = (Decimal(given[name]) for name in ("own", "city", "entrusted"))
        if not own + entrusted:
            return {"local_rate": ""}
        share = (own + city) * 100 / (own + entrusted)
        return {"local_rate": str(share.quantize(Decimal("0.01"), ROUND_HALF_UP))}
    days = [f"{given['year']}-{month:02d}-{pack['month_day']:02d}" for month in range(1, 13)]
    return {"months": sum(given["valid_from"] <= day < given["valid_until"] for day in days)}


def key_list(pack: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    on, started = date.fromisoformat(given["on"]), given.get("started_on")
    sources = [given.get("reported", {}), given.get("ledger", {})]
    assert pack["figures"]["prefer"] == "ledger"
    years = {int(year): Decimal(tonnes) for source in sources for year, tonnes in source.items()}
    full = pack["reference"]["full_years"]
    age = 99 if started is None else sum(months_later(date.fromisoformat(started), 12 * n) <= on for n in range(1, 99))
    if age >= full:
        years = {year: tonnes for year, tonnes in years.items() if on.year - full <= year < on.year}
    if age < 1 or given.get("long_cycle"):
        years = {0: Decimal(given["approved"])}
    tonnes, year = max(((tonnes, year) for year, tonnes in years.items()), default=(None, None))
    held = given.get("licence_no") or given.get("role") in pack["licence"]["roles"]
    treats = given.get("own_treatment") or (pack["own_treatment"]["from_ledger"] and given.get("treated_itself"))
    limits = pack["threshold"]
    is_large = tonnes is not None and tonnes >= Decimal(limits["key_tonnes"])
    basis = "licence" if held else "own_treatment" if treats else "generation" if is_large else "none"
    lesser = tonnes is not None and tonnes >= Decimal(limits["simplified_tonnes"])
    return {
        "class": "key" if basis != "none" else "simplified" if lesser else "registered",
        "tonnes": None if tonnes is None else f"{tonnes:.4f}",
        "year": year,
        "basis": basis,
    }


EVALUATORS = {
    "key-list": key_list,
    "permits": permits,
    "capacity": capacity,
    "emergency-stock": emergency_stock,
    "containment-methods": required_volume,
    "containment-settings": containment_setting,
    "containment-checklist": containment_checklist,
    "assessment-scheme": assessment,
    "storage-limits": storage_limit,
    "indicator-targets": indicator_target,
    "corrections": correction,
    "generated-not-stored": not_stored,
}


@pytest.mark.parametrize(("key", "case"), CASES)
def test_a_case_comes_out_as_it_says(key, case):
    result = EVALUATORS[key](PACKS[key], case["input"])
    assert {name: result[name] for name in case["expect"]} == case["expect"]


def test_every_pack_has_an_evaluator_here_and_its_id_is_its_file_name():
    assert set(EVALUATORS) == set(PACKS) == {pack["id"] for pack in PACKS.values()}


def test_every_law_subject_of_a_pack_has_a_clause():
    with (SEEDS / "law" / "clauses.csv").open(encoding="utf-8", newline="") as file:
        subjects = {row["subject"] for row in csv.DictReader(file)}
    named = {
        entry["law_subject"] for pack in PACKS.values() for entry in [pack, *entries(pack)] if "law_subject" in entry
    }
    assert named <= subjects


def test_every_entry_with_a_figure_says_where_it_comes_from():
    for pack in PACKS.values():
        for entry in [pack, *entries(pack)]:
            assert {"source", "clause", "trust"} <= set(entry)


def entries(pack: dict[str, Any]) -> list[dict[str, Any]]:
    lists = [value for key, value in pack.items() if isinstance(value, list) and key != "case"]
    return [entry for entries_of in lists for entry in entries_of if isinstance(entry, dict)]


class TestStorageLimits:
    LIMITS = PACKS["storage-limits"]["limit"]

    def test_the_spot_grades_are_off_until_their_source_is_found(self):
        spots = [limit for limit in self.LIMITS if limit["spot_grade"]]
        assert [(limit["spot_grade"], limit["period"]["days"]) for limit in spots] == [
            ("I", 30),
            ("II", 60),
            ("III", 90),
        ]
        assert all(not limit["enabled"] and limit["trust"] == "unverified" for limit in spots)

    def test_only_a_law_is_called_a_lawful_limit(self):
        label_of = {"law": "超法定期限", "management": "超管理期限"}
        assert all(limit["label"] == label_of[limit["basis"]] for limit in self.LIMITS)

    def test_a_generator_is_never_measured_by_law_except_for_medical_waste(self):
        for limit in self.LIMITS:
            if "generator" in limit["roles"]:
                assert limit["basis"] == "management"

    def test_only_an_operator_can_be_given_more_time(self):
        extendable = [limit["key"] for limit in self.LIMITS if limit["extension"] != "none"]
        assert extendable == ["licensed-operator-1-year"]

    def test_every_limit_has_one_period_and_a_case_unless_it_is_off(self):
        tested = {case["expect"]["limit"] for case in PACKS["storage-limits"]["case"]}
        assert {limit["key"] for limit in self.LIMITS if limit["enabled"]} == tested
        assert all(len(limit["period"]) == 1 for limit in self.LIMITS)

    def test_codes_named_in_a_limit_are_in_the_catalogue(self):
        with (SEEDS / "catalogue" / "waste_codes.csv").open(encoding="utf-8", newline="") as file:
            known = {(row["waste_code"], row["category_code"]) for row in csv.DictReader(file)}
        for limit in self.LIMITS:
            assert set(limit["waste"]["codes"]) <= {code for code, _ in known}
            assert set(limit["waste"]["categories"]) <= {category for _, category in known}
