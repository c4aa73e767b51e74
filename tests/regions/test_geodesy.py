"""Distances on the ellipsoid against published lengths, and what is read as a place."""

from __future__ import annotations

import pytest

from hwrisk.errors import RuleViolation
from hwrisk.regions.geodesy import Point, distance_km, distances_from, metres_between, parse_point


class TestDistance:
    @pytest.mark.parametrize(
        ("a", "b", "km"),
        [
            # Lengths of degrees on the ellipsoid, as geodesists tabulate them.
            (Point(0, 0), Point(1, 0), 111.3195),
            (Point(0, 0), Point(0, 1), 110.5744),
            (Point(0, 44.5), Point(0, 45.5), 111.1318),
            (Point(119, 34.6), Point(120, 34.6), 91.7291),
            (Point(119.2, 34.6), Point(119.2, 34.6), 0),
        ],
    )
    def test_known_lengths(self, a: Point, b: Point, km: float) -> None:
        assert distance_km(a, b) == pytest.approx(km, abs=0.002)
        assert distance_km(b, a) == pytest.approx(distance_km(a, b))

    def test_the_three_ways_of_asking_agree(self) -> None:
        here, there = Point(119.2, 34.6), Point(119.8, 34.1)
        assert distances_from(here)(*there) == distance_km(here, there)
        assert metres_between(here, there) == round(distance_km(here, there) * 1000)
        assert metres_between(here, here) == 0


class TestReading:
    @pytest.mark.parametrize("text", ["119.3,34.6", "119.3，34.6", " １１９.3, 34.6 "])
    def test_longitude_first(self, text: str) -> None:
        assert parse_point(text) == Point(119.3, 34.6)

    @pytest.mark.parametrize("text", ["", "硫酸", "1,2-二氯乙烷"])
    def test_what_is_no_place(self, text: str) -> None:
        assert parse_point(text) is None

    def test_latitude_first_is_refused_at_its_field(self) -> None:
        with pytest.raises(RuleViolation, match="经度,纬度") as refused:
            parse_point("34.6,119.3", field="q")
        assert refused.value.field == "q"
