"""What click says of a misused command, in Chinese."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError
from sqlalchemy.exc import DBAPIError

from hwrisk.db.session import is_busy
from hwrisk.errors import DatabaseBusy, HwriskError

REFUSED = 2
HELP = "，可用 --help 查看用法"


class Said(click.ClickException):
    """A refusal in plain Chinese (拒绝)."""

    exit_code = REFUSED

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone on standard error."""
        click.echo(self.message, file=file, err=True)


@contextlib.contextmanager
def in_chinese() -> Iterator[None]:
    """Turn every refusal and every file or database that cannot be used into `Said`."""
    try:
        yield
    except (Said, NoArgsIsHelpError):
        raise
    except HwriskError as failure:
        raise Said(failure.message) from failure
    except click.ClickException as failure:
        raise Said(sentence(failure)) from failure
    except (OSError, DBAPIError) as failure:
        if isinstance(failure, BrokenPipeError):
            # The reader of our output went away: click ends quietly.
            raise
        raise Said(sentence_of_failure(failure)) from failure


def sentence(error: click.ClickException) -> str:
    """Return one plain sentence for what click refused."""
    said = error.format_message()
    match error:
        case click.NoSuchOption():
            said = f"没有选项 {error.option_name}{HELP}"
        case click.MissingParameter():
            said = f"缺少{_name(error.param)}{HELP}"
        case click.BadParameter():
            said = _of_value(error)
        case click.BadOptionUsage():
            said = f"选项 {error.option_name} 的写法不对，后面应有一个值{HELP}"
        case click.UsageError():
            said = f"命令写法不对，多了或少了参数{HELP}"
    return said


def sentence_of_failure(error: OSError | DBAPIError) -> str:
    """Return one plain sentence for a file or a database that cannot be used."""
    if isinstance(error, OSError):
        return f"无法读写“{error.filename or '文件'}”（{error.strerror or error}），请检查路径、权限和磁盘空间"
    if is_busy(error):
        return DatabaseBusy().message
    return f"数据库无法使用（{error.orig}），请运行 hwrisk doctor 检查，或从备份恢复"


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "参数"
    if isinstance(param, click.Option):
        return f"选项 {param.opts[-1]}"
    return f"参数 {param.human_readable_name}"


def _of_value(error: click.BadParameter) -> str:
    place, kind = _name(error.param), error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"{place} 只能是 {'、'.join(str(choice) for choice in kind.choices)}"
    if isinstance(kind, click.Path):
        return f"{place}：文件不存在、不能读取，或者是一个文件夹"
    if isinstance(kind, (type(click.INT), click.IntRange)):
        return f"{place} 应为{_range(kind)}整数"
    if isinstance(kind, (type(click.FLOAT), click.FloatRange)):
        return f"{place} 应为{_range(kind)}数"
    return f"{place}：{error.message}"


def _range(kind: Any) -> str:
    lowest, highest = getattr(kind, "min", None), getattr(kind, "max", None)
    if lowest is None:
        return ""
    return f"不小于 {lowest} 的" if highest is None else f" {lowest} 到 {highest} 的"
