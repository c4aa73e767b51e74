"""Random histories of one batch, as the ledger would accept them: raw records with weights in units of 0.1 kg."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
BATCH = 7
Row = dict[str, Any]


def entry(number: int, kind: str, day: int, quantity: int, delta: int = 0, **values: Any) -> Row:
    """A raw record; days count from 1 January 2026."""
    row = {
        "id": number, "kind": kind, "occurred_on": FIRST + day * DAY, "quantity": quantity, "stock_delta": delta,
        "batch_id": BATCH if delta else None, "predecessor_id": None, "cancels_id": None, "adjusts_id": None,
        "completed_on": None, "receiver_kind": None, "difference_explained": None,
    }  # fmt: skip
    return row | values


class History:
    """Records written one after another, with what they leave open."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.rows: list[Row] = []
        self.day = 0
        self.store = 0
        self.outs: list[list[Any]] = []
        """Record of an out, and how much of it has no destination yet."""
        self.loads: list[list[Any]] = []
        """Record of an entrusted load, how much of it has not come back, whether it was received."""
        self._numbers = itertools.count(1)

    def write(self, kind: str, quantity: int, delta: int = 0, **values: Any) -> Row:
        self.rows.append(entry(next(self._numbers), kind, self.day, quantity, delta, **values))
        self.store += delta
        return self.rows[-1]

    def amount(self, most: int) -> int:
        return self.draw(st.integers(1, most))

    def open_out(self) -> list[Any] | None:
        found = [out for out in self.outs if out[1]]
        return self.draw(st.sampled_from(found)) if found else None

    def out(self) -> None:
        if self.store:
            taken = self.amount(self.store)
            self.outs.append([self.write("stored_out", taken, -taken), taken])

    def treat(self) -> None:
        if (out := self.open_out()) is not None:
            part = self.amount(out[1])
            out[1] -= part
            days = self.draw(st.one_of(st.none(), st.integers(0, 9)))
            done = None if days is None else FIRST + (self.day + days) * DAY
            self.write("self_treated", part, predecessor_id=out[0]["id"], completed_on=done)

    def send(self) -> None:
        if (out := self.open_out()) is not None:
            part = self.amount(out[1])
            out[1] -= part
            kind = self.draw(st.sampled_from(["treatment", "treatment", "collection", "exempt", "abroad"]))
            row = self.write("entrusted", part, predecessor_id=out[0]["id"], receiver_kind=kind)
            self.loads.append([row, part, False])

    def receive(self) -> None:
        waiting = [load for load in self.loads if not load[2]]
        if waiting:
            load = self.draw(st.sampled_from(waiting))
            got, explained = self.amount(load[0]["quantity"] + 2), self.draw(st.booleans())
            load[2] = True
            self.write(
                "received", got, predecessor_id=load[0]["id"], completed_on=FIRST + self.day * DAY,
                difference_explained=explained,
            )  # fmt: skip

    def give_back(self) -> None:
        """Let a load come back, even one that was said to have been received."""
        away = [load for load in self.loads if load[1]]
        if away:
            load = self.draw(st.sampled_from(away))
            part = self.amount(load[1])
            load[1] -= part
            self.write("returned", part, part, predecessor_id=load[0]["id"])

    def lose(self) -> None:
        if self.store:
            missing = self.amount(self.store)
            self.write("stocktake_loss", missing, -missing)

    def find(self) -> None:
        found = self.amount(4)
        self.write("stocktake_gain", found, found)

    def cancel(self) -> None:
        """Take the last out back, if nothing follows or adjusts it."""
        if self.outs and self.outs[-1][1] == self.outs[-1][0]["quantity"]:
            out = self.outs.pop()[0]
            row = self.write("cancelled", out["quantity"], out["quantity"], cancels_id=out["id"])
            row["occurred_on"] = out["occurred_on"]

    def adjust(self) -> None:
        """Say that the last out was larger."""
        if self.store and self.outs:
            more, out = self.amount(self.store), self.outs[-1]
            out[1] += more
            row = self.write("adjusted", more, -more, adjusts_id=out[0]["id"])
            row["occurred_on"] = out[0]["occurred_on"]


STEPS: list[Callable[[History], None]] = [
    History.out, History.out, History.treat, History.send, History.send, History.receive, History.receive,
    History.give_back, History.lose, History.find, History.cancel, History.adjust,
]  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Records of one batch over some forty days."""
    history = History(draw)
    first = history.amount(12)
    history.write("stored_in", first, first)
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=14)):
        history.day += draw(st.integers(0, 6))
        step(history)
    return history.rows


@st.composite
def settings_of_a_batch(draw: st.DrawFn) -> dict[str, Any]:
    """From when it is overdue, which extensions were approved, which period is asked about."""
    days = st.integers(-10, 60)
    approved = draw(st.lists(st.tuples(days, st.integers(0, 25)), max_size=2))
    start = draw(st.integers(0, 45))
    return {
        "since": FIRST + draw(st.integers(0, 40)) * DAY,
        "approved": [(FIRST + day * DAY, FIRST + (day + length) * DAY) for day, length in approved],
        "start": FIRST + start * DAY,
        "end": FIRST + (start + draw(st.integers(1, 40))) * DAY,
        "collectors_count": draw(st.booleans()),
    }
