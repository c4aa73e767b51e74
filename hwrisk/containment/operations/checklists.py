"""Recording how far a park is with an item of the completion check list."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from hwrisk import audit
from hwrisk.clock import now, today
from hwrisk.containment.models import ChecklistMark, MarkState
from hwrisk.containment.operations.history import held_on, states_from, succeed
from hwrisk.containment.settings import checklist_on
from hwrisk.errors import RuleViolation
from hwrisk.parks.models import Park
from hwrisk.security.viewer import Viewer

KIND = "containment_checklist"


def set_item(
    session: Session,
    park: Park,
    *,
    item_key: str,
    state: MarkState,
    document: str,
    remark: str,
    valid_from: date,
    actor: Viewer,
    recorded_at: datetime | None = None,
) -> ChecklistMark:
    """Record how far a park is with an item from a day on.

    Raises:
        RuleViolation: there is no such item, the day lies ahead, or 已完成 is not proved by a document.
    """
    if item_key not in {item.key for item in checklist_on(session, valid_from).items}:
        raise RuleViolation("清单里没有这一项，请刷新后重试")
    if valid_from > today():
        raise RuleViolation("日期不得晚于今天", field="valid_from")
    if state is MarkState.DONE and not document.strip():
        raise RuleViolation("填“已完成”的，须写明验收或证明文件的名称和文号", field="document")
    of = and_(ChecklistMark.park_id == park.id, ChecklistMark.item_key == item_key)
    known = states_from(session, ChecklistMark, of, valid_from)
    values = {
        "state": state, "document": document.strip()[:200], "remark": remark.strip(), "recorded_by": actor.label[:120],
    }  # fmt: skip
    at = recorded_at or now()
    if known:
        mark = succeed(session, held_on(known, valid_from, what="事项"), values, valid_from=valid_from, at=at)
    else:
        mark = ChecklistMark(park_id=park.id, item_key=item_key, valid_from=valid_from, recorded_at=at, **values)
        session.add(mark)
        session.flush()
    summary = {"园区": park.name, "事项": item_key, "情况": state.label, "文件": document, "自": str(valid_from)}
    audit.record(session, actor, "containment.item", KIND, mark.id, summary=summary)
    return mark
