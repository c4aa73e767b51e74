"""Where a finished task leads: to its file, to its preview, or to the page its room names."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for

from hwrisk.jobs import Task


class Result(NamedTuple):
    """A link to what came of a task."""

    url: str
    label: str
    note: str = ""


def result_of(task: Task) -> Result | None:
    """Return where the result of a finished task is, or None while there is none."""
    made = task.result or {}
    if "export" in made:
        note = f"{made.get('rows', 0):,} 行"
        return Result(
            url_for("exports.download", public_id=made["export"]), f"下载 {made.get('filename', '文件')}", note
        )
    if "import_batch" in made:
        refused = made.get("refused", 0)
        note = f"{refused:,} 行有错误" if refused else ""
        return Result(url_for("imports.preview", public_id=made["import_batch"]), "查看预览", note)
    if "page" in made:
        return Result(made["page"], made.get("page_label", "查看结果"))
    return None
