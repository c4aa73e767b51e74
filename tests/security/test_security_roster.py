from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.security.operations import create_post, put_on_roster
from hwrisk.security.queries import on_duty
from hwrisk.security.roles import Role
from hwrisk.security.roster import first_gap
from hwrisk.security.viewer import Viewer

HOUR = timedelta(hours=1)
SHIFTS = st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 10)), max_size=8)


@given(wanted=SHIFTS, hour=st.integers(-20, 30))
def test_nobody_is_on_twice_at_a_time(database, people, wanted, hour):
    system = Viewer.system()
    device, officer = people(Role.DUTY, password=""), people(Role.COMMAND, password="")
    taken = set()
    with database.unit_of_work() as session:
        post = create_post(session, name=f"值班岗 {device.username}", account=device, actor=system)
        for start, length in wanted:
            hours = set(range(start, start + length))
            starts_at, ends_at = now() + start * HOUR, now() + (start + length) * HOUR
            try:
                put_on_roster(session, post, officer, starts_at=starts_at, ends_at=ends_at, actor=system)
            except RuleViolation:
                assert hours & taken
            else:
                assert not hours & taken
                taken |= hours
        assert len(on_duty(session, post, now() + hour * HOUR)) == (hour in taken)


@given(wanted=SHIFTS, since=st.integers(-20, 20), length=st.integers(1, 24))
def test_a_gap_is_the_first_hour_that_nobody_covers(wanted, since, length):
    begin = now()
    shifts = [(begin + start * HOUR, begin + (start + hours) * HOUR) for start, hours in wanted]
    found = first_gap(shifts, since=begin + since * HOUR, until=begin + (since + length) * HOUR)
    open_hours = [
        hour for hour in range(since, since + length) if not any(start <= hour < start + n for start, n in wanted)
    ]
    assert found == (begin + open_hours[0] * HOUR if open_hours else None)
