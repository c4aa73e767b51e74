"""What can go wrong while a document becomes a PDF."""

from __future__ import annotations

from hwrisk.errors import HwriskError

PANGO_LINE = "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class PdfUnavailable(HwriskError):
    """The machine lacks what WeasyPrint needs; ledgers and print pages work all the same (缺少排版组件)."""

    def __init__(self) -> None:
        super().__init__(
            f"本机缺少排版组件 Pango，暂不能生成文书类 PDF；请管理员执行：{PANGO_LINE}，"
            "然后重新启动系统。在此之前可用浏览器的打印功能，台账类 PDF 与 Excel 不受影响"
        )


class PdfFailed(HwriskError):
    """Setting the document took too long, too much memory, or broke off (生成 PDF 失败)."""
