"""`hwrisk manual`."""

from __future__ import annotations

from pathlib import Path

import click

from hwrisk import __version__
from hwrisk.cli.support import writable_file
from hwrisk.clock import today
from hwrisk.reporting.document import render_report_page
from hwrisk.web.layout import SYSTEM_NAME
from hwrisk.web.manual import chapter_keys, get_chapter, picture_names, picture_path


@click.command("manual")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default="使用手册.pdf", show_default=True,
    help="输出文件。",
)  # fmt: skip
def manual(*, out: Path) -> None:
    """把使用手册写成一个 PDF；截图由 make manual 生成，没有生成的不排入。"""
    chapters = [chapter for key in chapter_keys() if (chapter := get_chapter(key, for_paper=True)) is not None]
    made = render_report_page(
        "manual", writable_file(out), title=f"{SYSTEM_NAME}使用手册", system=SYSTEM_NAME, version=__version__,
        made_on=f"{today():%Y年%-m月%-d日}", chapters=chapters,
    )  # fmt: skip
    lacking = sum(picture_path(name) is None for name in picture_names())
    click.echo(
        f"使用手册：{len(chapters)} 章，{made.pages} 页，{out}" + (f"（缺截图 {lacking} 张）" if lacking else "")
    )


COMMANDS = (manual,)
