"""Where the fonts are: the bundled package, our own folders, and what the machine has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hwrisk.config import settings
from hwrisk.errors import SetupError
from hwrisk.resources import late, resource_dir

# Only used where the bundled fonts lack a character, so it does not matter which of them a machine has.
_OF_THE_SYSTEM = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
)
_KINDS = {".otf", ".ttf", ".ttc"}


@lru_cache(maxsize=1)
def bundled() -> tuple[Path, ...]:
    """Return the bundled Chinese fonts, sans first, then serif; empty when their package is missing."""
    try:
        package = late("pylopdf_fonts_zh_cn")
    except ImportError:
        return ()
    return Path(package.sans_path()), Path(package.serif_path())


def own() -> tuple[Path, ...]:
    """Return fonts that were put into `reports/fonts` or the folder `fonts` of HWRISK_HOME, by name."""
    folders = (resource_dir("reports") / "fonts", settings().home / "fonts")
    return tuple(p for folder in folders if folder.is_dir() for p in sorted(folder.iterdir()) if p.suffix in _KINDS)


def chain() -> tuple[Path, ...]:
    """Return all font files in the order in which a character is looked for.

    Raises:
        SetupError: not one font was found.
    """
    of_the_system = tuple(path for name in _OF_THE_SYSTEM if (path := Path(name)).is_file())
    found = bundled() + own() + of_the_system
    if not found:
        raise SetupError("没有可用的中文字体，无法生成 PDF；请重新安装依赖，或把字体文件放入数据目录的 fonts 文件夹")
    return found
