"""The kinds of files of the ledger as the import service knows them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from hwrisk.imports import CheckContext, ImportKind, ParsedRow, Template
from hwrisk.ledger.imports import templates
from hwrisk.ledger.imports.checking import check, check_all
from hwrisk.ledger.imports.known import Known, base_version
from hwrisk.ledger.imports.reading import read_rows
from hwrisk.ledger.imports.writing import apply
from hwrisk.ledger.models import EntryKind
from hwrisk.security.permissions import Permission


def _kind(kind: str, label: str, template: Template, fixed: EntryKind | None = None) -> ImportKind:
    def prepare(session: Session, context: CheckContext, rows: Sequence[ParsedRow]) -> Known:
        return read_rows(session, context, rows, fixed)

    return ImportKind(
        kind=kind,
        label=label,
        permission=Permission.LEDGER_WRITE,
        template=template,
        prepare=prepare,
        check=check,
        check_all=check_all,
        apply=apply,
        base_version=base_version,
    )


LEDGER = _kind("ledger", "管理台账（台账流水，各环节一张表）", templates.LEDGER)
STORAGE = _kind("storage", "贮存清单（现有库存）", templates.STORAGE)
KINDS = (
    LEDGER,
    STORAGE,
    _kind("ledger-opening", "台账：期初结转", templates.OPENING, EntryKind.OPENING),
    _kind("ledger-generated", "台账：产生环节", templates.GENERATED, EntryKind.GENERATED),
    _kind("ledger-stored-in", "台账：入库环节", templates.STORED_IN, EntryKind.STORED_IN),
    _kind("ledger-stored-out", "台账：出库环节", templates.STORED_OUT, EntryKind.STORED_OUT),
    _kind("ledger-self-treated", "台账：自行利用处置环节", templates.SELF_TREATED, EntryKind.SELF_TREATED),
    _kind("ledger-entrusted", "台账：委外利用处置环节", templates.ENTRUSTED, EntryKind.ENTRUSTED),
    _kind("ledger-received", "台账：接收确认", templates.RECEIVED, EntryKind.RECEIVED),
    _kind("ledger-returned", "台账：退回入库", templates.RETURNED, EntryKind.RETURNED),
)
"""The one-sheet form and the list of stored waste first; then a form for each kind of record."""
