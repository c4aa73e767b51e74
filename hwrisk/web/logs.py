"""Logs: one JSON object a line, in a file a day and on the console."""

from __future__ import annotations

import logging
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO

import structlog

from hwrisk.clock import today
from hwrisk.config import Settings

KEPT_DAYS = 200
"""Days log files are kept: over half a year, the installation's own rule (待核 against the duty to keep logs)."""
_installed: list[logging.Handler] = []
"""Handlers of the last call, so that a second call replaces them."""


class DailyFile(logging.Handler):
    """Appends lines to `<name>-<day>.jsonl`; several processes may write the same file, a full disk stops nobody."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__()
        self._folder = folder
        self._name = name
        self._day: date | None = None
        self._file: TextIO | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            file = self._of_today()
            file.write(self.format(record) + "\n")
            file.flush()
        except (OSError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()

    def _of_today(self) -> TextIO:
        day = today()
        if self._file is None or self._day != day:
            if self._file is not None:
                self._file.close()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / f"{self._name}-{day.isoformat()}.jsonl").open("a", encoding="utf-8")
            self._day = day
            self._drop_old(day)
        return self._file

    def _drop_old(self, day: date) -> None:
        oldest = f"{self._name}-{(day - timedelta(days=KEPT_DAYS)).isoformat()}.jsonl"
        for path in self._folder.glob(f"{self._name}-????-??-??.jsonl"):
            if path.name < oldest:
                path.unlink(missing_ok=True)


def configure_logging(settings: Settings, *, name: str, console: bool = True) -> None:
    """Send the logs of this process to `<log_dir>/<name>-<day>.jsonl`, and to standard error if `console`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handlers: list[logging.Handler] = [DailyFile(settings.log_dir, name)]
    if console:
        handlers.append(logging.StreamHandler(sys.stderr))
    root = logging.getLogger()
    while _installed:
        old = _installed.pop()
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    _installed.extend(handlers)
    root.setLevel(settings.log_level)
