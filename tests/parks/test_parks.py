import dataclasses

import pytest
from sqlalchemy import select

from hwrisk.errors import NotFound
from hwrisk.parks import queries
from hwrisk.parks.models import Park, PublishedFact
from hwrisk.parks.owners import PARK, SOURCE
from hwrisk.parks.seeding import seed
from hwrisk.regions.seeding import seed as seed_regions
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

CITY = Viewer.system()


def viewer(**grants):
    return dataclasses.replace(CITY, is_city_wide=False, role=Role.PARK, **grants)


@pytest.fixture
def seeded(session):
    seed_regions(session)
    seed(session)
    return session


def park_id(session, code):
    return session.scalar(select(Park.id).where(Park.code == code))


class TestSeeding:
    def test_the_whole_of_the_public_data_is_there(self, seeded):
        assert {topic.value: n for topic, n in queries.topic_counts(seeded).items()} == {
            "park": 22, "resource": 24, "facility": 17, "waste": 37,
        }  # fmt: skip
        assert len(queries.parks(seeded, user=CITY)) == 4

    def test_seeding_again_changes_nothing(self, seeded):
        assert seed(seeded) == 0

    def test_a_figure_stands_as_published_with_its_source(self, seeded):
        fact = seeded.scalars(select(PublishedFact).where(PublishedFact.ref == "PR-002")).one()
        assert (fact.value, fact.unit, fact.qualifier, fact.trust) == ("230000", "m3", "规划/启动建设", "second_hand")
        assert fact.source.startswith("http://www.lyg01.net/")


class TestConflicts:
    def test_contradicting_figures_stand_side_by_side(self, seeded):
        found = queries.conflicts(queries.published_facts(seeded, conflicting=True))
        areas = next(group for group in found if group.group == "lyg-gn-area")
        assert [(fact.value, fact.year) for fact in areas.facts] == [("8.42", 2019), ("30", 2006)]
        assert {group.group for group in found} == {
            "lyg-gn-area", "lyg-gn-enterprises", "lyg-gy-enterprises", "lyg-park-count",
        }  # fmt: skip

    def test_a_park_counts_its_contradicting_figures(self, seeded):
        rows = {row.park.code: row for row in queries.parks(seeded, user=CITY)}
        assert rows["LYG-P-GNHG"].conflicting == 4
        assert rows["LYG-P-SHJD"].conflicting == 0


class TestScope:
    def test_a_park_sees_itself_alone(self, seeded):
        mine = park_id(seeded, "LYG-P-ZWLG")
        rows = queries.parks(seeded, user=viewer(parks=frozenset({mine})))
        assert [row.park.code for row in rows] == ["LYG-P-ZWLG"]

    def test_an_office_sees_the_parks_it_supervises(self, seeded):
        rows = queries.parks(seeded, user=viewer(offices=frozenset({"LYG-XW"})))
        assert [row.park.code for row in rows] == ["LYG-P-SHJD"]

    def test_without_a_grant_there_is_nothing(self, seeded):
        assert queries.parks(seeded, user=viewer()) == []

    def test_a_park_out_of_sight_is_not_found(self, seeded):
        park = queries.parks(seeded, user=CITY)[0].park
        assert queries.get_park(seeded, park.public_id, user=CITY) is park
        with pytest.raises(NotFound):
            queries.get_park(seeded, park.public_id, user=viewer(offices=frozenset({"LYG-GYQ"})))


class TestFacts:
    def test_words_and_topic_narrow_the_figures(self, seeded):
        found = queries.published_facts(seeded, topic=queries.Topic.RESOURCE, text="事故")
        assert {fact.ref for fact in found} == {"PR-001", "PR-002", "PR-003", "PR-004"}

    def test_choices_know_aliases_and_codes(self, seeded):
        choices = queries.park_choices(seeded)
        assert choices["柘汪临港产业区"] == choices["LYG-P-ZWLG"] == choices["柘汪临港产业区化工园区"]


class TestOwner:
    def test_a_park_is_seen_by_whoever_sees_it(self, seeded):
        park = queries.parks(seeded, user=CITY)[0].park
        assert PARK.visible(seeded, CITY, str(park.id))
        assert not PARK.visible(seeded, viewer(offices=frozenset({"LYG-GYQ"})), str(park.id))
        assert PARK.link(seeded, str(park.id)) == f"/parks/{park.public_id}"

    @pytest.mark.parametrize("object_id", ["", "x", "-1", "9" * 30, "999999"])
    def test_what_is_no_park_is_seen_by_nobody(self, seeded, object_id):
        assert not PARK.visible(seeded, CITY, object_id)
        assert PARK.link(seeded, object_id) is None

    def test_every_park_is_found_by_name_alias_and_code(self, seeded):
        docs = {doc.codes[0]: doc for doc in SOURCE.rows(seeded)}
        assert len(docs) == 4
        assert docs["LYG-P-ZWLG"].text == "柘汪临港产业区"
