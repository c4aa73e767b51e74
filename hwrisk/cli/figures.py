"""`hwrisk indicators …`."""

from __future__ import annotations

from datetime import date

import click

from hwrisk.cli.support import HwriskGroup, as_of_option, day_or_today, json_option, open_database, print_json
from hwrisk.indicators.registry import indicator_of
from hwrisk.indicators.showing import explain_json, show, show_all
from hwrisk.security import Viewer


@click.group("indicators", cls=HwriskGroup)
def indicators() -> None:
    """考核指标。"""


@indicators.command("show")
@as_of_option
@click.option("--indicator", default="", help="只看一个指标（编号）；不填时列出全部指标。")
@click.option("--scope", default="", help="只看一个管辖单位或行政区划的代码。")
@click.option("--explain", default="", help="列出一个指标值（编号）背后的明细。")
@json_option
def show_values(*, as_of: date | None, indicator: str, scope: str, explain: str, as_json: bool) -> None:
    """显示指标值：目标、分子、分母、状态，按管辖单位和行政区划。"""
    database, day, user = open_database(), day_or_today(as_of), Viewer.system()
    with database.session() as session:
        if explain:
            print_json(explain_json(session, explain, user=user))
            return
        if indicator:
            shown = show(session, indicator_of(indicator), as_of=day, scope=scope, user=user)
            found = [shown]
        else:
            shown = show_all(session, as_of=day, scope=scope, user=user)
            found = shown["indicators"]
    if as_json:
        print_json(shown)
        return
    for values in found:
        for row in values["values"]:
            click.echo(
                f"{row['scope_name']}\t{values['title']}\t{row['period']}\t{row['text']}\t"
                f"{row['numerator']} / {row['denominator']} {row['measure']}\t{row['id']}"
            )


COMMANDS = (indicators,)
