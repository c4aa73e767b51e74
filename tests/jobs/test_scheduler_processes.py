"""Real scheduler processes on one database: killed, racing, restarted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text

from hwrisk.jobs import JobRun, RunState

pytestmark = [pytest.mark.db, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
LOOKED = "looked for due periods"
SECONDS = 30


def start(url, marker):
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("scheduler_process.py")), url, str(marker)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path):
    end = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


def stop_when_it_has_looked(process):
    """Let a scheduler go through its due periods, end it as a service manager does, and return what it logged."""
    seen = ""
    for line in process.stderr:
        seen += line
        if LOOKED in line:
            break
    process.send_signal(signal.SIGTERM)
    seen += process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 0, seen
    return seen


def test_killed_between_claim_and_commit_and_restarted_thrice_leaves_one_value(own_url, own_database, tmp_path):
    with own_database.unit_of_work() as session:
        session.execute(text("CREATE TABLE probe (period VARCHAR(10), process INTEGER)"))
    marker = tmp_path / "claimed"

    killed = start(own_url, marker)
    wait_for(marker)
    second = start(own_url, marker)
    assert killed.wait(SECONDS) == -signal.SIGKILL
    killed.stderr.close()
    stop_when_it_has_looked(second)
    for _ in range(3):
        assert "ended" in stop_when_it_has_looked(start(own_url, marker))

    with own_database.session() as session:
        values = session.execute(text("SELECT period, process FROM probe")).all()
        runs = session.execute(select(JobRun.period_key, JobRun.state, JobRun.attempts)).all()
    assert [tuple(run) for run in runs] == [(period, RunState.DONE, 1) for period, _ in values]
    assert [process for _, process in values][:1] == [second.pid]
    assert len({period for period, _ in values}) == len(values)


def test_racing_schedulers_leave_one_value(own_url, own_database, tmp_path):
    with own_database.unit_of_work() as session:
        session.execute(text("CREATE TABLE probe (period VARCHAR(10), process INTEGER)"))
    marker = tmp_path / "claimed"
    marker.touch()
    processes = [start(own_url, marker) for _ in range(3)]
    for process in processes:
        stop_when_it_has_looked(process)
    with own_database.session() as session:
        periods = session.scalars(text("SELECT period FROM probe")).all()
    assert periods
    assert len(set(periods)) == len(periods)
