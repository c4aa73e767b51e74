"""What the services do not keep for ever (保留期限), as one list for the housekeeping job.

It stands here because no service below may know both the jobs and the others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from hwrisk import attachments
from hwrisk.clock import now
from hwrisk.config import Settings
from hwrisk.db.session import Database
from hwrisk.imports import clear_old
from hwrisk.imports.housekeeping import RETENTION_DAYS
from hwrisk.jobs import Retention
from hwrisk.jobs.housekeeping import RETENTIONS as JOB_RETENTIONS
from hwrisk.jobs.housekeeping import start_of_day
from hwrisk.notices.operations import KEEP_DAYS, remove_old
from hwrisk.reporting.operations import remove_expired
from hwrisk.security.operations import forget_old
from hwrisk.security.policy import signin_rules
from hwrisk.web.models import DRAFTS_KEPT, SENT_KEPT
from hwrisk.web.operations import drop_old_drafts, drop_old_sent
from hwrisk.web.work import imports_folder

INCOMING_HOURS = 48
"""Hours an uploaded file waits for its check; after that nobody waits for it any more."""


def service_retentions(settings: Settings) -> tuple[Retention, ...]:
    """Return every retention of the services; those of the rooms come beside."""
    return (
        *JOB_RETENTIONS,
        Retention(name="sign_in", label=f"登录会话和登录尝试（保留 {signin_rules().kept_days} 天）", run=_sign_ins),
        Retention(name="notice", label=f"站内消息（保留 {KEEP_DAYS} 天）", run=remove_old),
        Retention(name="draft", label=f"未提交的草稿（保留 {DRAFTS_KEPT.days} 天）", run=_drafts),
        Retention(name="sent_form", label=f"已提交表单的编号（保留 {SENT_KEPT.days} 天）", run=_sent_forms),
        Retention(name="export", label="导出文件（到期删除，登记保留）", run=_exports(settings)),
        Retention(name="attachment", label="已删除的附件", run=attachments.retention(settings.attachments_dir)),
        Retention(name="incoming", label=f"未处理的上传文件（保留 {INCOMING_HOURS} 小时）", run=_incoming(settings)),
        Retention(name="import", label=f"导入暂存明细和原文件（保留 {RETENTION_DAYS} 天）", run=_imports(settings)),
    )


def _sign_ins(session: Session, *, as_of: date) -> int:
    return sum(forget_old(session, as_of=as_of).values())


def _drafts(session: Session, *, as_of: date) -> int:
    return drop_old_drafts(session, at=start_of_day(as_of))


def _sent_forms(session: Session, *, as_of: date) -> int:
    return drop_old_sent(session, at=start_of_day(as_of))


def _exports(settings: Settings) -> Callable[..., int]:
    def run(session: Session, *, as_of: date) -> int:
        return remove_expired(session, as_of=as_of, exports_dir=settings.exports_dir)

    return run


def _imports(settings: Settings) -> Callable[..., int]:
    def run(session: Session, *, as_of: date) -> int:
        # The service opens a unit of work of its own; on this connection it becomes a savepoint of the job's.
        joined = Database.bound_to(session.connection())
        return sum(clear_old(joined, at=start_of_day(as_of), folder=imports_folder(settings)).values())

    return run


def _incoming(settings: Settings) -> Callable[..., int]:
    def run(_session: Session, *, as_of: date) -> int:  # noqa: ARG001 - files, not rows: their age is that of the disk
        oldest = (now() - timedelta(hours=INCOMING_HOURS)).timestamp()
        old = [path for path in imports_folder(settings).glob("*.incoming") if path.stat().st_mtime < oldest]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    return run
