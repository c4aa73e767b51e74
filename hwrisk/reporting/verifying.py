"""Is a file, or a print-out, one of ours and unaltered (文件核验)?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.clock import local
from hwrisk.db.types import Labelled
from hwrisk.errors import BadFile
from hwrisk.reporting.fingerprint import digest, stamp_inside
from hwrisk.reporting.models import ExportFile

MOST_BYTES = 64 * 1024 * 1024
"""Larger files are only compared by hash, never searched."""


class Verdict(Labelled):
    """What verification found (核验结论)."""

    UNALTERED = "unaltered", "本系统导出，未改动"
    ALTERED = "altered", "带有本系统编号，但内容已改动"
    UNKNOWN = "unknown", "不是本系统登记的导出文件"


@dataclass(frozen=True)
class Verified:
    """The verdict on a file or a print-out, with the row of the register where there is one."""

    verdict: Verdict
    message: str
    export: ExportFile | None

    @property
    def is_ours(self) -> bool:
        """Whether the file is ours and unaltered."""
        return self.verdict is Verdict.UNALTERED


def verify_file(session: Session, content: Path | bytes) -> Verified:
    """Return whether a file is in the register as it stands, carries one of our numbers, or is a stranger.

    Raises:
        BadFile: the file cannot be read.
    """
    try:
        sha256 = digest(content)
        row = session.scalar(select(ExportFile).where(ExportFile.sha256 == sha256).limit(1))
        if row is not None:
            return Verified(Verdict.UNALTERED, f"本系统导出的文件，内容未改动：{_told(row)}", row)
        stamp = stamp_inside(_small(content))
    except OSError as failure:
        raise BadFile(f"文件无法读取：{failure.strerror or failure}") from failure
    claimed = _by_stamp(session, stamp.export_id, stamp.code) if stamp else None
    if claimed is not None:
        return Verified(
            Verdict.ALTERED, f"文件带有本系统编号，但内容与登记的不一致，已被改动：{_told(claimed)}", claimed
        )
    return Verified(Verdict.UNKNOWN, f"登记簿中没有这个文件（SHA-256 {sha256[:16]}…），不能认定由本系统导出", None)


def verify_paper(session: Session, *, export_id: uuid.UUID, code: str) -> Verified:
    """Return whether number and verification code of a print-out belong together in the register.

    It proves that such an export was made and what it counted, not that the paper was not altered: compare the rows.
    """
    row = _by_stamp(session, export_id, "".join(code.split()).replace("-", "").upper())
    if row is None:
        return Verified(Verdict.UNKNOWN, "编号与核验码不符，或登记簿中没有这份导出", None)
    told = f"编号与核验码相符：{_told(row)}；请与纸面的范围、条数逐项核对，必要时按同样条件重新导出比对"
    return Verified(Verdict.UNALTERED, told, row)


def _by_stamp(session: Session, export_id: uuid.UUID, code: str) -> ExportFile | None:
    return session.scalar(
        select(ExportFile).where(ExportFile.public_id == export_id, ExportFile.verification_code == code)
    )


def _small(content: Path | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.read_bytes() if content.stat().st_size <= MOST_BYTES else b""


def _told(row: ExportFile) -> str:
    made = f"{local(row.made_at):%Y-%m-%d %H:%M}"
    return f"《{row.title}》，统计截止日 {row.as_of:%Y-%m-%d}，共 {row.row_count:,} 条，{row.made_by} 于 {made} 导出"
