"""The child process that runs WeasyPrint: one JSON line in, one JSON line out, until its input ends.

It is the only place that imports weasyprint. It opens nothing but `data:` addresses, the folders and the font files it
was told at its start, and runs under a limit of memory.
"""

from __future__ import annotations

import json
import logging
import mimetypes
import os
import resource
import sys
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from hwrisk.resources import late


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint complains of: resources it may not have, faults in a style sheet."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one complaint."""
        self.lines.append(record.getMessage())


def allowed_path(url: str, folders: tuple[Path, ...], files: frozenset[Path]) -> Path:
    """Return the file behind a `file:` address.

    Raises:
        PermissionError: it lies outside `folders` (after following links) and is none of `files`.
    """
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise PermissionError(f"address not allowed: {url}")
    path = Path(unquote(parts.path)).resolve()
    if path in files or any(path.is_relative_to(folder) for folder in folders):
        return path
    raise PermissionError(f"file not allowed: {url}")


def _make_fetcher(weasyprint: Any, folders: tuple[Path, ...], files: frozenset[Path]) -> Any:
    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # the base comes from a late import
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = allowed_path(url, folders, files)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return weasyprint.urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return Fetcher(allowed_protocols=("data", "file"), allow_redirects=False)


def _limit_memory(mib: int) -> None:
    if mib:
        resource.setrlimit(resource.RLIMIT_AS, (mib * 1024 * 1024,) * 2)


class _Renderer:
    def __init__(self, start: dict[str, Any]) -> None:
        self.weasyprint = late("weasyprint")
        folders = tuple(Path(folder).resolve() for folder in start["folders"])
        files = frozenset(Path(name).resolve() for name in start["files"])
        self.fetcher = _make_fetcher(self.weasyprint, folders, files)
        # Kept for all documents: reading the fonts costs more than setting a page.
        self.fonts = self.weasyprint.text.fonts.FontConfiguration()

    def render(self, order: dict[str, Any]) -> int:
        """Write one document and return its number of pages."""
        sheets = [
            self.weasyprint.CSS(
                string=text, base_url=order["base_url"], url_fetcher=self.fetcher, font_config=self.fonts
            )
            for text in order["css"]
        ]
        document = self.weasyprint.HTML(
            string=order["html"], base_url=order["base_url"], url_fetcher=self.fetcher
        ).render(stylesheets=sheets, font_config=self.fonts)
        document.write_pdf(order["out"], pdf_identifier=True)
        return len(document.pages)


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Answer every order until there are no more; the first line says what may be opened and how much memory used."""
    start = json.loads(orders.readline())
    _limit_memory(start["memory_mib"])
    complaints = _Complaints()
    logging.getLogger("weasyprint").handlers = [complaints]
    try:
        renderer = _Renderer(start)
    except OSError as failure:
        _answer(answers, {"error": "pango", "detail": str(failure)})
        return
    _answer(answers, {"ready": True})
    for line in orders:
        complaints.lines.clear()
        try:
            pages = renderer.render(json.loads(line))
        except MemoryError:
            _answer(answers, {"error": "memory", "detail": ""})
            return
        except Exception as failure:
            _answer(answers, {"error": "failed", "detail": f"{type(failure).__name__}: {failure}"})
            continue
        _answer(answers, {"pages": pages, "complaints": complaints.lines[:20]})


def _answer(answers: IO[str], content: dict[str, Any]) -> None:
    answers.write(json.dumps(content, ensure_ascii=False) + "\n")
    answers.flush()


def main() -> None:
    """Serve over the standard streams; what libraries print goes to the error stream instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
