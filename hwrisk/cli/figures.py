"""`hwrisk indicators …`."""

from __future__ import annotations

from datetime import date

import click

from hwrisk.cli.support import HwriskGroup, as_of_option, day_or_today, json_option, open_database, print_json
from hwrisk.indicators.showing import explain_json, show
from hwrisk.security import Viewer


@click.group("indicators", cls=HwriskGroup)
def indicators() -> None:
    """考核指标。"""


@indicators.command("show")
@as_of_option
@click.option("--scope", default="", help="只看一个管辖单位或行政区划的代码。")
@click.option("--explain", default="", help="列出一个指标值（编号）背后的批次。")
@json_option
def show_values(*, as_of: date | None, scope: str, explain: str, as_json: bool) -> None:
    """显示指标值：目标、分子、分母、状态，按管辖单位和行政区划。"""
    database = open_database()
    with database.session() as session:
        if explain:
            print_json(explain_json(session, explain, user=Viewer.system()))
            return
        shown = show(session, as_of=day_or_today(as_of), scope=scope, user=Viewer.system())
    if as_json:
        print_json(shown)
        return
    for row in shown["values"]:
        click.echo(
            f"{row['scope_name']}\t{row['period']}\t{row['text']}\t"
            f"{row['numerator']} / {row['denominator']} 吨\t{row['id']}"
        )


COMMANDS = (indicators,)
