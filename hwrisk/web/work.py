"""Kinds of tasks of the services themselves (后台任务种类): checking and accepting an import; making an export."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hwrisk.clock import today
from hwrisk.config import Settings
from hwrisk.errors import HwriskError, Refused
from hwrisk.imports import ImportKind, accept, stage
from hwrisk.jobs import TaskContext, TaskInterrupted, TaskKind, TaskLost
from hwrisk.reporting import Report, run_export
from hwrisk.security import Viewer, viewer_of
from hwrisk.security.models import Account

IMPORT, IMPORT_ACCEPT, EXPORT = "import", "import-accept", "export"


def service_task_kinds(
    settings: Settings, *, import_kinds: Sequence[ImportKind], reports: Sequence[Report]
) -> tuple[TaskKind, ...]:
    """Return the kinds of tasks that the services themselves need; the worker knows them beside those of the rooms."""

    def export(context: TaskContext) -> dict[str, Any]:
        return run_export(context, reports, exports_dir=settings.exports_dir)

    return (*import_tasks(import_kinds, settings), TaskKind(kind=EXPORT, label="导出报表", run=export))


def import_tasks(kinds: Sequence[ImportKind], settings: Settings) -> tuple[TaskKind, ...]:
    """Return the tasks that check an uploaded file and that write an accepted one."""
    by_name = {kind.kind: kind for kind in kinds}

    def check(context: TaskContext) -> dict[str, Any]:
        path = incoming_path(settings, context.params["file"])
        try:
            batch = stage(
                context.database,
                by_name[context.params["kind"]],
                path,
                context.params["filename"],
                user=asker(context),
                as_of=date.fromisoformat(context.params["as_of"]),
                context=context,
                folder=imports_folder(settings),
            )
        except (TaskInterrupted, TaskLost):
            # Another process will take the task up again and needs the file.
            raise
        except HwriskError:
            path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)
        return {"import_batch": str(batch.public_id), "rows": batch.total, "refused": batch.refused_count}

    def write(context: TaskContext) -> dict[str, Any]:
        batch = accept(
            context.database,
            by_name[context.params["kind"]],
            uuid.UUID(context.params["batch"]),
            user=asker(context),
            as_of=today(),
        )
        return {"import_batch": str(batch.public_id), "rows": batch.total}

    return (
        TaskKind(kind=IMPORT, label="检查导入文件", run=check),
        TaskKind(kind=IMPORT_ACCEPT, label="写入导入数据", run=write, max_attempts=1),
    )


def asker(context: TaskContext) -> Viewer:
    """Return the person who asked for a task, with the rights of this moment.

    Raises:
        Refused: the account has been disabled meanwhile.
    """
    if context.actor_id is None:
        return Viewer.system()
    with context.database.session() as session:
        account = session.get_one(Account, context.actor_id)
        if not account.is_active:
            raise Refused("提交任务的账号已停用，任务未执行")
        return viewer_of(session, account, on=today())


def imports_folder(settings: Settings) -> Path:
    """Return the private folder of uploaded files, made when it is not there."""
    folder = settings.home / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def incoming_path(settings: Settings, name: str) -> Path:
    """Return the path of an uploaded file that waits for its check; `name` is a UUID of ours."""
    return imports_folder(settings) / f"{uuid.UUID(name).hex}.incoming"
