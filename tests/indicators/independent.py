"""The disposal rate worked out a second time, day by day and piece by piece, from the raw tables.

Imports nothing of the package. A cursor of any DB-API driver will do: statements carry no parameters, days may come as
text or as dates. Every batch is cut into pieces of equal weight, and each piece is followed on every single day.
"""

import math
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)
FOR_GOOD = date.max
REPORTING = ("operating", "suspended", "closed_uncleared")


def rows(cursor, statement):
    cursor.execute(statement)
    names = [column[0] for column in cursor.description]
    return [{name: plain(name, value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]


def plain(name, value):
    if isinstance(value, str) and name.endswith(("_on", "_until", "_from", "until")) and len(value) == 10:
        return date.fromisoformat(value)
    return value


def entries_that_stand(entries):
    """Records without the cancelled ones and their cancellations; adjustments folded into what they adjust."""
    cancelled = {e["cancels_id"] for e in entries if e["kind"] == "cancelled"}
    kept = {e["id"]: dict(e) for e in entries if e["kind"] != "cancelled" and e["id"] not in cancelled}
    for entry in list(kept.values()):
        if entry["kind"] == "adjusted":
            original = kept.get(entry["adjusts_id"])
            if original is not None:
                original["stock_delta"] += entry["stock_delta"]
                original["quantity"] = abs(original["stock_delta"])
            del kept[entry["id"]]
    return kept


def out_behind(entry, kept):
    while entry is not None and entry["kind"] != "stored_out":
        entry = kept.get(entry["predecessor_id"])
    return entry


def first_overdue(batch, lot):
    """`lot` is (day the batch joined, [(first overdue day of each member)]) or None."""
    own = own_first_overdue(batch)
    if own is None:
        return None
    if lot is None:
        return own
    joined, others = lot
    return min(own, max(joined, min([*(o for o in others if o is not None), own])))


def own_first_overdue(batch):
    first = batch["first_stored_on"]
    if batch["limit_key"] == "":
        return None
    if first is None:
        return batch["entered_on"]
    if batch["limit_key"] == "generator-365-days":
        return first + 366 * DAY
    if batch["limit_key"] == "licensed-operator-1-year":
        # The day after the same day of next year, or after its last of February.
        try:
            return first.replace(year=first.year + 1) + DAY
        except ValueError:
            return date(first.year + 1, 3, 1)
    return batch["last_lawful_on"] + DAY


def is_overdue(day, since, extensions):
    """Day by day: after the limit, and under no extension that was approved by then."""
    if since is None or day < since:
        return False
    return not any(approved <= day <= until for approved, until in extensions)


class Piece:
    def __init__(self):
        self.place = "store"
        self.load = None
        self.is_due = False
        self.due_on = None


def follow(batch, entries, extensions, period, *, lot=None, collectors_count=False):
    """What became of one batch in [start, end): weights in units of 0.1 kg, or None when nothing was due."""
    start, end = period
    kept = entries_that_stand(entries)
    since = first_overdue(batch, lot)
    acts = actions(kept, batch["id"], collectors_count)
    weights = [weight for listed in acts.values() for _, weight, _, _ in listed]
    if since is None or not weights:
        return None
    grain = math.gcd(*weights)
    pieces, overdue_loads, returned = [], set(), 0
    day = min(acts)
    while day < end:
        overdue = is_overdue(day, since, extensions)

        def mark(chosen, day=day):
            for piece in chosen:
                if not piece.is_due:
                    piece.is_due, piece.due_on = True, day

        def mark_store(overdue=overdue, day=day, mark=mark):
            if overdue and start <= day:
                mark([p for p in pieces if p.place == "store"])

        if day == start:
            mark([p for p in pieces if p.place == "away" and p.load in overdue_loads])
        mark_store()
        waiting = sorted(acts.get(day, []))
        while waiting:
            act = next((a for a in waiting if possible(a, pieces, grain)), waiting[0])
            waiting.remove(act)
            returned += perform(act, pieces, grain, overdue, overdue_loads)
            mark_store()
        day += DAY
    due = [p for p in pieces if p.is_due]
    if not due:
        return None
    weigh = lambda place: grain * sum(p.place == place for p in due)  # noqa: E731
    return {
        "counted_on": min(p.due_on for p in due),
        "due": grain * len(due),
        "completed": weigh("completed"),
        "in_transit": weigh("away"),
        "to_collector": weigh("collector"),
        "lost": weigh("lost"),
        "in_store": weigh("store"),
        "returned": grain * returned,
    }


RANK = {"in": 0, "back": 1, "completed": 2, "collector": 3, "out": 4, "lost": 5, "found": 6}


def actions(kept, batch_id, collectors_count):
    """{day: [(rank, weight, load, record)]}: what is done with the batch on each day."""
    acts = defaultdict(list)
    taken = defaultdict(int)

    def act(day, what, weight, load, record):
        if weight:
            acts[day].append((RANK[what], weight, load, record))

    for entry in sorted(kept.values(), key=lambda e: (e["completed_on"] or e["occurred_on"], e["id"])):
        kind, out = entry["kind"], out_behind(entry, kept)
        ours = out is not None and out["batch_id"] == batch_id
        if kind == "self_treated" and ours and entry["completed_on"]:
            act(max(entry["completed_on"], out["occurred_on"]), "completed", entry["quantity"], out["id"], entry["id"])
        elif kind == "received" and ours and entry["completed_on"]:
            sent = kept[entry["predecessor_id"]]
            weight = sent["quantity"] if entry["difference_explained"] else min(entry["quantity"], sent["quantity"])
            weight = min(weight, sent["quantity"] - taken[sent["id"]])
            taken[sent["id"]] += weight
            collector = (entry["receiver_kind"] or sent["receiver_kind"]) == "collection" and not collectors_count
            what = "collector" if collector else "completed"
            act(max(entry["completed_on"], out["occurred_on"]), what, weight, out["id"], entry["id"])
        elif entry["batch_id"] != batch_id or kind in ("moved_in", "moved_out"):
            continue
        elif kind == "stored_out":
            act(entry["occurred_on"], "out", -entry["stock_delta"], entry["id"], entry["id"])
        elif kind == "returned":
            act(entry["occurred_on"], "back", entry["stock_delta"], out["id"] if ours else 0, entry["id"])
        elif kind == "stocktake_loss":
            act(entry["occurred_on"], "lost", -entry["stock_delta"], 0, entry["id"])
        elif kind == "stocktake_gain":
            act(entry["occurred_on"], "found", entry["stock_delta"], 0, entry["id"])
        else:
            act(entry["occurred_on"], "in", abs(entry["stock_delta"]), 0, entry["id"])
    return acts


def possible(act, pieces, grain):
    rank, weight, load, _ = act
    if rank in (RANK["out"], RANK["lost"]):
        return sum(p.place == "store" for p in pieces) >= weight // grain
    return load == 0 or rank == RANK["in"] or any(p.load == load for p in pieces)


def perform(act, pieces, grain, overdue, overdue_loads):
    """Move pieces; what is due goes first. Returns how many due pieces came back to store."""
    rank, weight, load, _ = act
    count, came_back = weight // grain, 0

    def choose(place, of_load=None):
        found = [p for p in pieces if p.place == place and (of_load is None or p.load == of_load)]
        return sorted(found, key=lambda p: not p.is_due)

    if rank == RANK["in"]:
        pieces.extend(Piece() for _ in range(count))
    elif rank == RANK["out"]:
        for piece in choose("store")[:count]:
            piece.place, piece.load = "away", load
        if overdue:
            overdue_loads.add(load)
    elif rank == RANK["lost"]:
        for piece in choose("store")[:count]:
            piece.place = "lost"
    elif rank == RANK["found"]:
        again = [p for p in choose("lost") if p.is_due][:count]
        for piece in again:
            piece.place = "store"
        pieces.extend(Piece() for _ in range(count - len(again)))
    elif rank in (RANK["completed"], RANK["collector"]):
        for piece in choose("away", load)[:count]:
            piece.place = "completed" if rank == RANK["completed"] else "collector"
    else:
        coming = [*choose("away", load), *choose("completed", load), *choose("collector", load)][:count]
        came_back = sum(p.is_due for p in coming)
        for piece in coming:
            piece.place = "store"
        pieces.extend(Piece() for _ in range(count - len(coming)))
    return came_back


def rate(cursor, start, end, *, as_of=None, known_at=None, collectors_count=False):
    """{(scope kind, code): {"due", "completed", "unreported", "state"}} of city, offices and districts."""
    known = "" if known_at is None else f" AND recorded_at <= '{known_at}'"
    batches = rows(cursor, f"SELECT * FROM storage_batch WHERE counts_in_rate{known}")
    entries = rows(cursor, f"SELECT * FROM ledger_entry WHERE 1 = 1{known}")
    extensions = rows(cursor, f"SELECT * FROM storage_extension WHERE state = 'approved'{known}")
    members = rows(cursor, f"SELECT * FROM lot_member WHERE 1 = 1{known}")
    versions = known_versions(rows(cursor, "SELECT * FROM unit_version"), known_at)
    by_id = {b["id"]: b for b in rows(cursor, "SELECT * FROM storage_batch")}
    districts = district_codes(rows(cursor, "SELECT * FROM region_version WHERE superseded_at IS NULL"))
    found = defaultdict(lambda: {"due": 0, "completed": 0, "unreported": 0})
    accounts = {}
    for batch in batches:
        lot_id = next((m["lot_id"] for m in members if m["batch_id"] == batch["id"]), None)
        lot = None
        if lot_id is not None:
            joined = next(m["joined_on"] for m in members if m["batch_id"] == batch["id"])
            lot = (joined, [own_first_overdue(by_id[m["batch_id"]]) for m in members if m["lot_id"] == lot_id])
        approved = [(e["approved_on"], e["until"]) for e in extensions if e["batch_id"] == batch["id"]]
        account = follow(batch, entries, approved, (start, end), lot=lot, collectors_count=collectors_count)
        if account is None:
            continue
        accounts[batch["batch_no"]] = account
        version = version_on(versions, batch["unit_id"], account["counted_on"])
        for scope in scopes_of(version, districts):
            found[scope]["due"] += account["due"]
            found[scope]["completed"] += account["completed"]
    statements = rows(cursor, f"SELECT * FROM ledger_statement WHERE 1 = 1{known}")
    for unit in rows(cursor, "SELECT * FROM unit WHERE is_supervised"):
        version = missing_report(unit["id"], versions, statements, (start, end), as_of or end - DAY)
        if version is not None:
            for scope in scopes_of(version, districts):
                found[scope]["unreported"] += 1
    for value in found.values():
        value["rate"] = Fraction(value["completed"], value["due"]) if value["due"] else None
        value["state"] = "value" if value["due"] else "incomplete" if value["unreported"] else "none_overdue"
    return dict(found), accounts


def known_versions(versions, known_at):
    versions = sorted(versions, key=lambda v: v["valid_from"])
    if known_at is None:
        return [v for v in versions if v["superseded_at"] is None]
    return [
        v for v in versions
        if str(v["recorded_at"]) <= known_at and (v["superseded_at"] is None or str(v["superseded_at"]) > known_at)
    ]  # fmt: skip


def version_on(versions, unit_id, day):
    for version in versions:
        if version["unit_id"] == unit_id and version["valid_from"] <= day < (version["valid_until"] or FOR_GOOD):
            return version
    first = next((v for v in versions if v["unit_id"] == unit_id), None)
    return first if first is not None and day < first["valid_from"] else None


def district_codes(regions):
    """{any administrative code: code of the district or county it lies in}."""
    by_code = {r["region_code"]: r for r in regions}
    found = {}
    for code, region in by_code.items():
        place = region
        while place is not None and place["level"] not in ("district", "county"):
            place = by_code.get(place["parent_code"])
        found[code] = place["region_code"] if place else ""
    return found


def scopes_of(version, districts):
    office = version["office_code"] if version else None
    admin = version["admin_code"] if version else None
    return [("city", "320700"), ("office", office or ""), ("admin", districts.get(admin, ""))]


def missing_report(unit_id, versions, statements, period, as_of):
    """The version of the unit on its last day, if a day of the period that was due by `as_of` was not reported on."""
    start, end = period
    last = None
    is_missing = False
    day = start
    while day < end:
        version = version_on(versions, unit_id, day)
        if version is not None and day >= version["valid_from"] and version["status"] in REPORTING:
            last = version
            due = due_day(version["class_set"] or version["class_computed"] or "registered", day)
            covered = any(s["unit_id"] == unit_id and s["covers_from"] <= day < s["covers_until"] for s in statements)
            if due < as_of and not covered:
                is_missing = True
        day += DAY
    return last if is_missing else None


def due_day(management_class, day):
    """Last day in time for the report that has to cover `day`."""
    if management_class == "key":
        return date(day.year + day.month // 12, day.month % 12 + 1, 15)
    if management_class == "simplified":
        month = (day.month - 1) // 3 * 3 + 4
        return date(day.year + (month > 12), (month - 1) % 12 + 1, 15)
    return date(day.year + 1, 3, 31)
