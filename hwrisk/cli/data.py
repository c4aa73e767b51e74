"""`hwrisk import` and `export`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from hwrisk import app
from hwrisk.cli.support import (
    FOUND,
    as_of_option,
    day_or_today,
    json_option,
    open_database,
    print_json,
    writable_file,
)
from hwrisk.errors import SetupError
from hwrisk.imports import ImportKind, run_import
from hwrisk.reporting import Report, ReportRequest, produce
from hwrisk.security import Viewer

COLUMNS = ("新增", "变更", "未变", "拒绝")


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不保存。")
@click.option("--errors", "errors_out", type=click.Path(path_type=Path), help="有错误时写出带“错误说明”列的工作簿。")
@as_of_option
@json_option
def import_file(
    kind: str, file: Path, *, dry_run: bool, errors_out: Path | None, as_of: date | None, as_json: bool
) -> None:
    """导入一个 Excel 或 CSV 文件：全部通过才保存，有一行不对则一行也不保存。"""
    database = open_database()
    kinds: dict[str, ImportKind] = {item.kind: item for item in app.gather(lambda room: room.import_kinds)}
    if kind not in kinds:
        raise SetupError(f"没有名为“{kind}”的导入类型，可用：{'、'.join(sorted(kinds))}")
    if errors_out is not None:
        writable_file(errors_out)
    summary = run_import(
        database,
        kinds[kind],
        file,
        user=Viewer.system(),
        as_of=day_or_today(as_of),
        dry_run=dry_run,
        errors_out=errors_out,
    )
    if as_json:
        print_json(summary._asdict())
    else:
        for line in summary.lines():
            click.echo(line)
    if summary.refused:
        sys.exit(FOUND)


@click.command("export")
@click.argument("report")
@click.option("--format", "fmt", type=click.Choice(["xlsx", "pdf"]), default="xlsx", show_default=True)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="输出文件。")
@click.option("--filter", "filters", multiple=True, help="筛选条件，如 office=LYG-XW；可多次。")
@click.option("--unit", help="单位编号，如 LYG-2026-000001；一家单位的报表须写明。")
@click.option("--park", help="园区编码，如 LYG-P-SHJD；一个园区的报表须写明。")
@click.option("--year", help="年度，如 2026；按年的报表用。")
@click.option("--param", "params", multiple=True, help="报表的其他参数，如 version=2；可多次。")
@as_of_option
@json_option
def export_report(
    report: str,
    *,
    fmt: str,
    out: Path | None,
    filters: tuple[str, ...],
    unit: str | None,
    park: str | None,
    year: str | None,
    params: tuple[str, ...],
    as_of: date | None,
    as_json: bool,
) -> None:
    """导出一个报表（hwrisk export list 列出全部）。"""
    if report == "list":
        rows = [{"report": r.id, "title": r.title, "formats": list(r.formats)} for r in _reports().values()]
        if as_json:
            print_json(rows)
        else:
            for row in rows:
                click.echo(f"{row['report']}\t{row['title']}")
        return
    reports = _reports()
    if report not in reports:
        raise SetupError(f"没有名为“{report}”的报表，请用 hwrisk export list 查看")
    database = open_database()
    told = {"unit": unit or "", "park": park or "", "year": year or "", **_pairs(params, "参数", "version=2")}
    request = ReportRequest(
        user=Viewer.system(),
        as_of=day_or_today(as_of),
        filters=_pairs(filters, "筛选条件", "office=LYG-XW"),
        params={name: value for name, value in told.items() if value},
    )
    made = produce(database, reports[report], request, fmt, writable_file(out or Path(f"{report}.{fmt}")))
    result: dict[str, Any] = {"file": str(made.path), "rows": made.rows, "sha256": made.sha256, "size": made.size}
    if as_json:
        print_json(result)
    else:
        click.echo(f"已导出 {made.rows} 行：{made.path}（SHA-256 {made.sha256}）")


def _pairs(given: tuple[str, ...], what: str, example: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in given]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise SetupError(f"{what}“{name}”的写法不对，请写成 名称=值，如 {example}")
    return {name: value for name, _, value in pairs}


def _reports() -> dict[str, Report]:
    return {report.id: report for report in app.gather(lambda room: room.reports)}


COMMANDS = (import_file, export_report)
