"""Commands: `hwrisk …`. Exit 0 done, 1 found a problem, 2 refused or misused."""

from __future__ import annotations

import click

from hwrisk import __version__
from hwrisk.app import gather
from hwrisk.cli import checking, data, database, figures, manual, people, serving
from hwrisk.cli.support import HwriskGroup

MODULES = (serving, database, data, figures, people, checking, manual)


@click.group(cls=HwriskGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hwrisk")
def main() -> None:
    """危险废物与化工园区环境风险管理系统。"""


for _module in MODULES:
    for _command in _module.COMMANDS:
        main.add_command(_command)
for _command in gather(lambda room: room.commands):
    main.add_command(_command)
