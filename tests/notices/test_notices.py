import threading
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwrisk.clock import LOCAL_ZONE
from hwrisk.errors import NotFound
from hwrisk.notices import (
    Notice,
    NoticeRead,
    get_notice,
    mark_all_read,
    mark_read,
    notices_for,
    notify,
    unread,
    unread_count,
    withdraw,
)
from hwrisk.notices.operations import KEEP_DAYS, remove_old
from hwrisk.security.models import Account
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer

pytestmark = pytest.mark.db


def viewer(session, role, **scope):
    account = Account(username=f"notice-{role}-{scope}"[:64], display_name="演示-张三", role=role)
    session.add(account)
    session.flush()
    scopes = {name: frozenset(value) for name, value in scope.items()}
    return Viewer(account_id=account.id, label=account.label, role=role, **scopes)


def tell(session, key="overdue:1:30", **to):
    return notify(session, key=key, title="有 1 批危险废物将于 30 日后到期", link="/storage/overdue", **to)


class TestNotify:
    def test_the_same_matter_is_told_once(self, session):
        first = tell(session, to_unit=7)
        assert tell(session, to_unit=7) is first

    def test_another_stage_of_the_matter_or_another_audience_is_told_again(self, session):
        ids = {
            tell(session, to_unit=7).id,
            tell(session, to_unit=8).id,
            tell(session, to_office="320707").id,
            tell(session, key="overdue:1:0", to_unit=7).id,
        }
        assert len(ids) == 4

    def test_a_read_notice_is_not_told_again(self, session):
        user = viewer(session, Role.ENTERPRISE, units=[7])
        mark_read(session, [tell(session, to_unit=7).id], user=user)
        tell(session, to_unit=7)
        assert unread_count(session, user) == 0

    def test_somebody_must_be_named(self, session):
        with pytest.raises(ValueError, match="somebody"):
            tell(session)

    @pytest.mark.parametrize("link", ["https://example.com", "//example.com", "/\\example.com", "javascript:alert(1)"])
    def test_a_link_stays_inside_the_site(self, session, link):
        with pytest.raises(ValueError, match="inside"):
            notify(session, key="k", title="t", link=link, to_unit=7)

    def test_two_processes_at_once_tell_once(self, own_database):
        gate = threading.Barrier(2)

        def work():
            gate.wait()
            with own_database.unit_of_work() as session:
                tell(session, to_unit=7)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with own_database.session() as session:
            assert len(session.scalars(select(Notice.id)).all()) == 1

    def test_the_database_refuses_a_second_one_too(self, session):
        first = tell(session, to_unit=7)
        session.add(Notice(key=first.key, audience=first.audience, title="t", unit_id=7))
        with pytest.raises(IntegrityError):
            session.flush()


class TestWhoGetsIt:
    @pytest.mark.parametrize(
        ("to", "role", "scope", "expected"),
        [
            ({"to_role": Role.CITY}, Role.CITY, {}, 1),
            ({"to_role": Role.CITY}, Role.COUNTY, {"offices": ["320707"]}, 0),
            ({"to_office": "320707"}, Role.COUNTY, {"offices": ["320707"]}, 1),
            ({"to_office": "320707"}, Role.COUNTY, {"offices": ["320706"]}, 0),
            # Seeing the whole city is not being addressed.
            ({"to_office": "320707"}, Role.CITY, {}, 0),
            ({"to_role": Role.COUNTY, "to_office": "320707"}, Role.INSPECTOR, {"offices": ["320707"]}, 0),
            ({"to_role": Role.COUNTY, "to_office": "320707"}, Role.COUNTY, {"offices": ["320707"]}, 1),
            ({"to_unit": 7}, Role.ENTERPRISE, {"units": [7, 8]}, 1),
            ({"to_unit": 7}, Role.ENTERPRISE, {"units": [8]}, 0),
            ({"to_park": 3}, Role.PARK, {"parks": [3]}, 1),
            ({"to_park": 3}, Role.PARK, {}, 0),
        ],
    )
    def test_by_role_and_scope(self, session, to, role, scope, expected):
        user = viewer(session, role, **scope)
        notice = tell(session, **to)
        assert unread_count(session, user) == expected
        assert [n.id for n in unread(session, user)] == [notice.id] * expected

    def test_by_account(self, session):
        one, other = viewer(session, Role.CITY), viewer(session, Role.LEADER)
        notice = tell(session, to_account=one.account_id)
        assert get_notice(session, notice.public_id, user=one) is notice
        with pytest.raises(NotFound):
            get_notice(session, notice.public_id, user=other)

    def test_the_system_itself_reads_none(self, session):
        tell(session, to_role=Role.CITY)
        assert unread_count(session, Viewer.system()) == 0
        assert mark_all_read(session, user=Viewer.system()) == 0


class TestReading:
    def test_one_reader_does_not_read_for_the_others(self, session):
        one = viewer(session, Role.ENTERPRISE, units=[7])
        other = viewer(session, Role.PROVIDER, units=[7])
        notice = tell(session, to_unit=7)
        assert mark_read(session, [notice.id], user=one) == 1
        assert mark_read(session, [notice.id], user=one) == 0
        assert (unread_count(session, one), unread_count(session, other)) == (0, 1)

    def test_somebody_elses_notice_cannot_be_marked(self, session):
        user = viewer(session, Role.ENTERPRISE, units=[8])
        assert mark_read(session, [tell(session, to_unit=7).id], user=user) == 0

    def test_pages_latest_first_with_the_marks(self, session):
        user = viewer(session, Role.ENTERPRISE, units=[7])
        ids = [tell(session, key=f"k{number}", to_unit=7).id for number in range(5)]
        mark_read(session, [ids[3]], user=user)
        page = notices_for(session, user=user, limit=2)
        assert [(r.notice.id, r.is_read) for r in page] == [(ids[4], False), (ids[3], True)]
        rest = notices_for(session, user=user, before_id=ids[3], unread_only=True)
        assert [r.notice.id for r in rest] == ids[2::-1]
        assert mark_all_read(session, user=user) == 4
        assert notices_for(session, user=user, unread_only=True) == []

    def test_a_settled_matter_is_no_longer_shown(self, session):
        user = viewer(session, Role.ENTERPRISE, units=[7])
        tell(session, to_unit=7)
        assert withdraw(session, key="overdue:1:30") == 1
        assert withdraw(session, key="overdue:1:30") == 0
        assert unread_count(session, user) == 0


def test_kept_for_its_days_and_removed_with_its_marks(session):
    user = viewer(session, Role.ENTERPRISE, units=[7])
    as_of = date(2026, 11, 23)
    old, kept = tell(session, key="old", to_unit=7), tell(session, key="kept", to_unit=7)
    last_kept = datetime.fromordinal(as_of.toordinal() - KEEP_DAYS).replace(tzinfo=LOCAL_ZONE)
    kept.created_at = last_kept
    old.created_at = datetime.fromtimestamp(last_kept.timestamp() - 1, LOCAL_ZONE)
    mark_all_read(session, user=user)
    assert remove_old(session, as_of=as_of) == 1
    assert session.scalars(select(Notice.key)).all() == ["kept"]
    assert session.scalars(select(NoticeRead.notice_id)).all() == [kept.id]
