"""A scheduler process for the tests: one job that adds a row of its own, and may be killed right after doing so.

Called with the address of the database and a file: while the file is missing the process makes it, inside the
transaction of the job, and dies there.
"""

import logging
import os
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from hwrisk.db.session import Database, make_engine
from hwrisk.jobs import Job, Schedule
from hwrisk.jobs.scheduler import serve


def main(url, marker):
    def add_value(session, *, as_of):
        # No unique key: a second value would be seen.
        session.execute(text("INSERT INTO probe (period, process) VALUES (:day, :process)"),
                        {"day": as_of.isoformat(), "process": os.getpid()})  # fmt: skip
        if not marker.exists():
            marker.touch()
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGKILL)
        return {"values": 1}

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Due at midnight: every start finds today's period.
    job = Job(name="probe", label="试验", schedule=Schedule(hour=0), run=add_value, catch_up=1)
    lock = Path(make_url(url).database + ".lock") if url.startswith("sqlite") else None
    serve(Database(make_engine(url), lock_path=lock), [job], [], poll_seconds=0.05)
    sys.stderr.write("ended\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
