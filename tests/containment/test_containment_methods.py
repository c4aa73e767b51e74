"""Required volume: hand-made cases with the arithmetic beside them."""

from fractions import Fraction as F

import pytest

from hwrisk.containment.methods import Scenario, Source, check_scenario, scenario_of
from hwrisk.errors import RuleViolation

CARD = {
    "method": "qsy",
    "units": [{"name": "罐组", "v1": "80", "fire": [{"flow": "90", "hours": "4"}], "v3": "150"}],
    "v4": "20", "qa": "960", "n": "80", "f": "0.9",
}  # fmt: skip


def test_the_worked_example_of_the_card():
    scenario = scenario_of(CARD)
    # 90 × 4 = 360; 960 ÷ 80 = 12 mm on 0.9 ha = 10 × 12 × 0.9 = 108; 80 + 360 − 150 + 20 + 108 = 418.
    assert (scenario.governing.v2, scenario.v5, scenario.required) == (360, 108, 418)


def test_every_source_is_worked_out_by_itself():
    two = scenario_of(CARD | {"units": [*CARD["units"], {"name": "装置", "v1": "900", "v3": "500"}]})
    assert (two.governing.name, two.required) == ("装置", 400 + 20 + 108)


def test_room_in_the_bund_never_holds_the_rain_outside():
    assert scenario_of(CARD | {"units": [{"v1": "80", "v3": "5000"}]}).required == 128


def test_the_other_method_puts_rain_into_the_greatest_and_leaves_waste_water_out():
    given = {"method": "gb50483", "v4": "20", "qa": "960", "n": "80", "f": "0.9"}
    unit = {"v1": "80", "fire": [{"flow": "90", "hours": "4"}], "v3": "150", "vr": "200"}
    # 80 + 360 + 200 − 150
    assert scenario_of(given | {"units": [unit]}).required == 490


def test_several_hoses_end_at_their_own_hours():
    fire = [{"flow": "90", "hours": "4"}, {"flow": "30", "hours": "2"}]
    scenario = scenario_of({"method": "qsy", "units": [{"v1": "10", "fire": fire, "v3": "0"}]})
    assert scenario.required == 10 + 360 + 60
    assert scenario.required_after(F(1)) == 10 + 120
    assert scenario.required_after(F(3)) == 10 + 270 + 60
    assert scenario.corners() == (0, 2, 4)


def test_the_need_begins_when_the_bund_is_full():
    scenario = scenario_of(CARD)
    assert scenario.corners() == (0, F(7, 9), 4)  # 80 + 90 t = 150
    assert scenario.required_after(F(7, 9)) == 128


class TestRefusals:
    def test_square_metres_for_hectares(self):
        with pytest.raises(RuleViolation, match=r"平方米填成了公顷.*应填 0\.9 公顷"):
            check_scenario(scenario_of(CARD | {"f": "9000"}), max_area=F(2000))

    def test_rain_without_days(self):
        with pytest.raises(RuleViolation, match="降雨日数"):
            check_scenario(scenario_of(CARD | {"n": "0"}), max_area=F(2000))

    def test_nothing_at_all(self):
        with pytest.raises(RuleViolation, match="不能都是 0"):
            check_scenario(Scenario(method="qsy", sources=(Source(name="", v1=F(0), v3=F(0)),)), max_area=F(2000))
