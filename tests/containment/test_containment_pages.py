"""Pages of containment as their users see them."""

from __future__ import annotations

import re
from decimal import Decimal

from sqlalchemy import select

from hwrisk.containment.models import Facility, Filing, FilingState, VolumeCheck
from hwrisk.containment.queries import facility_status
from hwrisk.security import GrantKind, Role
from tests.containment.containment_world import SYSTEM, TODAY, data, make, make_world, passed


def office(world):
    return (GrantKind.OFFICE, world.park.office_code)


class TestReading:
    def test_every_page_opens_for_the_city_and_the_county(self, sign_in, park_world):
        w = park_world
        pages = [
            "/containment/", "/containment/facilities", f"/containment/parks/{w.park.public_id}",
            f"/containment/facilities/{w.basin.public_id}", f"/containment/facilities/{w.valve.public_id}",
            f"/containment/facilities/{w.valve.public_id}/card", f"/containment/facilities/{w.basin.public_id}/level",
            f"/containment/facilities/{w.valve.public_id}/state", f"/containment/facilities/{w.pump.public_id}/test",
            f"/containment/facilities/{w.pump.public_id}/change", "/containment/filings",
            f"/containment/parks/{w.park.public_id}/facilities/new", "/containment/coverage",
            f"/containment/parks/{w.park.public_id}/connections",
            f"/containment/parks/{w.park.public_id}/connections/new",
            f"/containment/connections/{w.to_public.public_id}/change",
            f"/containment/parks/{w.park.public_id}/checks", f"/containment/parks/{w.park.public_id}/checks/new",
            f"/containment/parks/{w.park.public_id}/checklist",
            f"/containment/parks/{w.park.public_id}/checklist/tier1", "/desk/", f"/parks/{w.park.public_id}",
            f"/units/{w.unit.public_id}",
        ]  # fmt: skip
        for client in (sign_in(Role.CITY), sign_in(Role.COUNTY, office(w))):
            answers = {path: client.get(path).status_code for path in pages}
            assert {path: code for path, code in answers.items() if code != 200} == {}

    def test_the_park_at_a_glance(self, sign_in, park_world):
        html = sign_in(Role.CITY).get(f"/containment/parks/{park_world.park.public_id}").get_data(as_text=True)
        for text in ("厂内事故池", "一级 企业", "三级 周边水体", "60 m³/h", "可用", "待核"):
            assert text in html

    def test_the_neighbour_gets_404_on_everything(self, sign_in, park_world):
        w = park_world
        strangers = [
            sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX")),
            sign_in(Role.ENTERPRISE),
            sign_in(Role.OPERATOR),
        ]
        for client in strangers:
            for path in (
                f"/containment/facilities/{w.basin.public_id}", f"/containment/facilities/{w.public.public_id}/card",
                f"/containment/parks/{w.park.public_id}", f"/containment/facilities/{w.public.public_id}/level",
            ):  # fmt: skip
                assert client.get(path).status_code in (403, 404), path

    def test_an_operator_sees_the_parks_own_facilities_and_no_enterprises(self, sign_in, park_world):
        w = park_world
        client = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        html = client.get("/desk/").get_data(as_text=True)
        assert "公共应急池" in html
        assert "厂内事故池" not in html
        assert client.get(f"/containment/facilities/{w.basin.public_id}").status_code == 404
        assert client.get(f"/containment/parks/{w.park.public_id}").status_code == 404
        assert client.get("/containment/").status_code == 302

    def test_no_page_shows_a_whole_phone_number(self, sign_in, park_world):
        w = park_world
        city = sign_in(Role.CITY)
        url = f"/containment/facilities/{w.pump.public_id}"
        form = dict(_change_form(city, w.pump) | {"duty_phone": "000-0000-0001", "reason": "补登"})
        assert city.post(f"{url}/change", data=form).status_code == 302
        operator = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        for client in (city, operator):
            for page in ("", "/card", "/change"):
                html = client.get(url + page).get_data(as_text=True)
                assert ("000-0000-0001" in html, "000****0001" in html) == (False, True), page

    def test_a_phone_number_is_kept_changed_and_taken_away_without_being_shown(self, sign_in, database, park_world):
        w = park_world
        city = sign_in(Role.CITY)
        for typed, kept in (
            ("000-0000-0001", "000-0000-0001"), ("", "000-0000-0001"), ("000-0000-0002", "000-0000-0002"), ("无", ""),
        ):  # fmt: skip
            form = dict(_change_form(city, w.pump) | {"duty_phone": typed, "note": f"演示{typed}", "reason": "补登"})
            assert city.post(f"/containment/facilities/{w.pump.public_id}/change", data=form).status_code == 302
            with database.session() as session:
                now_status = facility_status(session, w.pump.public_id, user=SYSTEM, as_of=TODAY)
                assert now_status.version.duty_phone == kept

    def test_an_operator_files_for_no_enterprise_but_its_own(self, sign_in, park_world):
        w = park_world
        new = f"/containment/parks/{w.park.public_id}/facilities/new"
        data = {
            "facility_no": "YQ-08", "unit": str(w.unit.public_id), "name": "演示厂内池", "kind_code": "plant-basin",
            "service": "in_use", "trust": "second_hand", "valid_from": "2026-11-01",
        }  # fmt: skip
        elsewhere = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id), (GrantKind.UNIT, w.unit.id + 1000))
        assert str(w.unit.public_id) not in elsewhere.get(new).get_data(as_text=True)
        assert elsewhere.post(new, data=data).status_code == 422
        own = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id), (GrantKind.UNIT, w.unit.id))
        assert str(w.unit.public_id) in own.get(new).get_data(as_text=True)


class TestReporting:
    def test_a_level_counts_at_once_with_the_name(self, sign_in, database, park_world):
        w = park_world
        client = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        data = {"occupied": "150 m3", "confirmed_on": "2026-11-23", "person": "演示-李四"}
        answer = client.post(f"/containment/facilities/{w.public.public_id}/level?next=/desk/", data=data)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")
        with database.session() as session:
            now_status = facility_status(session, w.public.public_id, user=SYSTEM, as_of=TODAY)
            assert now_status.occupied == 150
            assert "演示-李四" in now_status.level.confirmed_by

    def test_a_level_above_the_volume_is_refused_in_words(self, sign_in, park_world):
        client = sign_in(Role.CITY)
        data = {"occupied": "401", "confirmed_on": "2026-11-23"}
        answer = client.post(f"/containment/facilities/{park_world.public.public_id}/level", data=data)
        assert answer.status_code == 422
        assert "现存量 401 立方米超过有效容积 400 立方米" in answer.get_data(as_text=True)

    def test_a_volume_in_ten_thousands_is_never_offered_ten_thousand_times_too_small(self, sign_in, park_world):
        page = f"/containment/facilities/{park_world.public.public_id}/level"
        html = sign_in(Role.CITY).post(page, data={"occupied": "0.02万", "confirmed_on": "2026-11-23"})
        assert "写出完整的数字，单位立方米（200）" in html.get_data(as_text=True)

    def test_the_button_for_an_inspection_never_records_a_valve_test(self, sign_in, park_world):
        w = park_world
        client = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        page = f"/containment/facilities/{w.pump.public_id}/test"
        desk = client.get("/desk/").get_data(as_text=True)
        (link,) = re.findall(rf'href="({page}\?[^"]*)">巡检<', desk)
        html = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
        (checked,) = re.findall(r'<input checked[^>]* name="kind"[^>]*>', html)
        assert 'value="inspection"' in checked

    def test_what_is_overdue_stands_before_what_was_never_done(self, sign_in, database, park_world):
        w = park_world
        with database.session() as session:
            gate = make(session, w.park, None, "YQ-07", data("二号节制闸", "park-gate"))
            passed(session, gate, days_ago=200)
            session.commit()
        html = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id)).get("/desk/").get_data(as_text=True)
        todo = html[html.index("今天要做的") :]
        assert todo.index("已到期") < todo.index("从未做过")


class TestFiling:
    def test_from_the_operator_to_the_county_and_back(self, sign_in, database, park_world):
        w = park_world
        operator = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        park = sign_in(Role.PARK, (GrantKind.PARK, w.park.id))
        county = sign_in(Role.COUNTY, office(w))
        new = f"/containment/parks/{w.park.public_id}/facilities/new"
        data = {
            "facility_no": "YQ-09", "unit": "", "name": "二号应急池", "kind_code": "public-basin", "service": "in_use",
            "effective_volume": "5000", "trust": "second_hand", "source": "竣工图", "valid_from": "2026-11-01",
        }  # fmt: skip
        answer = operator.post(new, data=data)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        page = answer.headers["Location"]
        assert _facility(database, "YQ-09") is None
        # Too early: the park has not seen it.
        assert county.post(f"{page}/accept", data={"version": "1"}).status_code == 422
        # The park returns it with the reason on the field.
        returned = park.post(f"{page}/return", data={"version": "1", "reason.effective_volume": "与竣工图不一致"})
        assert returned.status_code == 302
        desk = operator.get("/desk/").get_data(as_text=True)
        assert "与竣工图不一致" in desk
        edit = operator.get(f"{page}/edit").get_data(as_text=True)
        assert "退回理由：与竣工图不一致" in edit
        again = operator.post(f"{page}/edit", data=data | {"effective_volume": "4800", "version": "2"})
        assert again.status_code == 302, again.get_data(as_text=True)
        assert park.post(f"{page}/approve", data={"version": "3"}).status_code == 302
        assert county.post(f"{page}/accept", data={"version": "4"}).status_code == 302
        facility = _facility(database, "YQ-09")
        with database.session() as session:
            known = facility_status(session, facility.public_id, user=SYSTEM, as_of=TODAY)
            assert known.version.effective_volume == 4800
            assert session.scalars(select(Filing)).one().state is FilingState.ACCEPTED

    def test_two_people_never_act_unseen(self, sign_in, park_world):
        w = park_world
        operator = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        form = _change_form(operator, w.pump) | {"name": "改名的泵站", "reason": "更正"}
        page = operator.post(f"/containment/facilities/{w.pump.public_id}/change", data=form).headers["Location"]
        park = sign_in(Role.PARK, (GrantKind.PARK, w.park.id))
        assert park.post(f"{page}/approve", data={"version": "1"}).status_code == 302
        late = park.post(f"{page}/return", data={"version": "1", "reason.whole": "不对"})
        assert late.status_code == 409
        assert "别人已办理过" in late.get_data(as_text=True)
        assert "总的理由：不对" in late.get_data(as_text=True)

    def test_a_refused_return_keeps_what_was_written(self, sign_in, park_world):
        w = park_world
        operator = sign_in(Role.OPERATOR, (GrantKind.PARK, w.park.id))
        form = _change_form(operator, w.pump) | {"name": "改名的泵站", "reason": "更正"}
        page = operator.post(f"/containment/facilities/{w.pump.public_id}/change", data=form).headers["Location"]
        county = sign_in(Role.COUNTY, office(w))
        late = county.post(f"{page}/return", data={"version": "9", "reason.name": "名称与铭牌不同"})
        assert late.status_code == 409
        assert "名称与铭牌不同" in late.get_data(as_text=True)

    def test_the_conflict_page_shows_both_values(self, sign_in, park_world):
        w = park_world
        city, county = sign_in(Role.CITY), sign_in(Role.COUNTY, office(w))
        mine = _change_form(county, w.pump) | {"name": "县局所写的名称", "reason": "更正"}
        theirs = _change_form(city, w.pump) | {"name": "市局所写的名称", "reason": "更正"}
        assert city.post(f"/containment/facilities/{w.pump.public_id}/change", data=theirs).status_code == 302
        answer = county.post(f"/containment/facilities/{w.pump.public_id}/change", data=mine)
        html = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "县局所写的名称" in html
        assert "市局所写的名称" in html
        assert html.count("不同</span>") == 1

    def test_what_is_written_differently_is_no_conflict(self, sign_in, session, park_world):
        w = park_world
        wide = make(session, w.park, None, "GK-77", data("大池", "public-basin", effective_volume=Decimal(23000)))
        session.commit()
        city, county = sign_in(Role.CITY), sign_in(Role.COUNTY, office(w))
        path = f"/containment/facilities/{wide.public_id}/change"
        mine, theirs = (
            _change_form(client, wide) | {"note": note, "reason": "更正"}
            for client, note in ((county, "甲"), (city, "乙"))
        )
        city.post(path, data=theirs)
        html = county.post(path, data=mine | {"effective_volume": "23000"}).get_data(as_text=True)
        assert "内容已被他人修改" in html and html.count("不同</span>") == 1


class TestChecks:
    def test_a_scenario_from_form_to_result(self, sign_in, database, park_world):
        w = park_world
        client = sign_in(Role.PARK, (GrantKind.PARK, w.park.id))
        data = {
            "name": "苯罐泄漏着火", "unit": str(w.unit.public_id), "method": "qsy", "source_1_name": "苯罐组",
            "source_1_v1": "80", "source_1_flow1": "90", "source_1_hours1": "4", "source_1_v3": "150", "v4": "20",
            "qa": "960", "n": "80", "area": "0.9", "rain_source": "演示",
        }  # fmt: skip
        new = f"/containment/parks/{w.park.public_id}/checks/new"
        answer = client.post(new, data=data)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        html = client.get(answer.headers["Location"]).get_data(as_text=True)
        for text in ("418", "90 m³/h × 4 h", "10 × 960 mm ÷ 80 d × 0.9 ha", "V5", "待核", "收不住", "一级 企业"):
            assert text in html
        with database.session() as session:
            check = session.scalars(select(VolumeCheck)).one()
            assert (check.required, check.gap) == (418, 78)
        wrong = client.post(new, data=data | {"area": "9000"})
        assert wrong.status_code == 422
        assert "把平方米填成了公顷" in wrong.get_data(as_text=True)
        again = client.post(f"{answer.headers['Location']}/again")
        assert again.status_code == 302
        stranger = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX"))
        assert stranger.get(answer.headers["Location"]).status_code == 404


def test_the_search_finds_a_facility_for_its_own_people_alone(sign_in, database):
    with database.unit_of_work() as session:
        make_world(session)
    ours = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GNX")).get("/search/?q=中心河北段").get_data(as_text=True)
    theirs = sign_in(Role.COUNTY, (GrantKind.OFFICE, "LYG-GYX")).get("/search/?q=中心河北段").get_data(as_text=True)
    assert "/containment/facilities/" in ours
    assert "/containment/facilities/" not in theirs


def _facility(database, number):
    with database.session() as session:
        return session.scalars(select(Facility).where(Facility.facility_no == number)).one_or_none()


def _change_form(client, facility):
    """Return what the form of a facility holds when it is opened."""
    import html
    import re

    text = client.get(f"/containment/facilities/{facility.public_id}/change").get_data(as_text=True)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] not in {"q", "csrf_token"}:
            fields[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    return fields
