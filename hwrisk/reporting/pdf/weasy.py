"""The one wrapper of WeasyPrint: a warm child process with limits of time and memory."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwrisk.config import settings
from hwrisk.reporting.pdf.errors import PdfFailed, PdfUnavailable
from hwrisk.reporting.pdf.font_files import bundled, own
from hwrisk.resources import resource_dir

TIME_LIMIT_S = 120.0
START_LIMIT_S = 60.0
DOCUMENTS_PER_CHILD = 50
"""After so many the child is replaced, so that memory it does not give back cannot pile up."""
_POLL_S = 0.2
_LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
)
_PACKAGE = Path(__file__).resolve().parents[2]

Heartbeat = Callable[[], None]
"""Called while waiting; raising from it cancels the document."""


@dataclass(frozen=True)
class Rendered:
    """What the child says of a document."""

    pages: int
    complaints: tuple[str, ...]
    """In English, from the library: resources that were refused, faults in a style sheet."""


def font_css() -> str:
    """Return the style sheet that names our fonts: HW Sans, HW Serif, and HW Own 1 … for fonts put in by hand."""
    names = [*zip(("HW Sans", "HW Serif"), bundled(), strict=False)]
    names += [(f"HW Own {number}", path) for number, path in enumerate(own(), start=1)]
    return "\n".join(f'@font-face {{ font-family: "{name}"; src: url("{path.as_uri()}"); }}' for name, path in names)


class Child:
    """One child process; not to be used by two threads at once."""

    def __init__(self, *, memory_mib: int) -> None:
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_PACKAGE.parent), os.environ.get("PYTHONPATH")))),
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own file under our own interpreter
            # By its path, so that it starts without the rest of the service; -P keeps our file names out of the way.
            [sys.executable, "-P", str(Path(__file__).with_name("weasy_child.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ,
        )  # fmt: skip
        self.owner = os.getpid()
        self.documents = 0
        self._rest = b""
        self._send({
            "memory_mib": memory_mib,
            "folders": [str(resource_dir("reports")), str(_PACKAGE / "static")],
            "files": [str(path) for path in (*bundled(), *own())],
        })  # fmt: skip
        try:
            self._receive(START_LIMIT_S, None)
        except BaseException:
            self.end()
            raise

    @property
    def is_usable(self) -> bool:
        """Whether the child lives, belongs to this process and is not worn out."""
        return self._process.poll() is None and self.owner == os.getpid() and self.documents < DOCUMENTS_PER_CHILD

    def render(self, order: dict[str, Any], *, time_limit_s: float, heartbeat: Heartbeat | None) -> Rendered:
        """Have one document set; on any failure the child is ended."""
        self.documents += 1
        try:
            self._send(order)
            answer = self._receive(time_limit_s, heartbeat)
        except BaseException:
            self.end()
            raise
        return Rendered(answer["pages"], tuple(answer["complaints"]))

    def end(self) -> None:
        """End the process; after a fork only its parent may."""
        if self.owner != os.getpid():
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            # What could not be sent any more fails once again on closing.
            with contextlib.suppress(BrokenPipeError):
                if stream:
                    stream.close()

    def _send(self, content: dict[str, Any]) -> None:
        stream = self._process.stdin
        if stream is None:
            raise PdfFailed("排版进程没有启动，请重试")
        try:
            stream.write(json.dumps(content).encode("ascii") + b"\n")
            stream.flush()
        except BrokenPipeError as failure:
            raise PdfFailed("排版进程已中断，请重试") from failure

    def _receive(self, limit_s: float, heartbeat: Heartbeat | None) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._read_line(limit_s, heartbeat))
        problem = answer.get("error")
        if problem == "pango":
            raise PdfUnavailable
        if problem == "memory":
            raise PdfFailed("文件太大，排版时超出内存上限，未生成 PDF；请缩小范围，或改用 Excel")
        if problem:
            raise PdfFailed(f"排版时出错，未生成 PDF（{answer['detail']}）")
        return answer

    def _read_line(self, limit_s: float, heartbeat: Heartbeat | None) -> bytes:
        stream = self._process.stdout
        until = time.monotonic() + limit_s
        while stream and b"\n" not in self._rest:
            if time.monotonic() > until:
                raise PdfFailed(f"排版超过 {limit_s:g} 秒仍未完成，已停止；请缩小范围，或改用 Excel")
            if heartbeat:
                heartbeat()
            if not select.select([stream], [], [], _POLL_S)[0]:
                continue
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                raise PdfFailed("排版进程中断（内存不足或被系统结束），未生成 PDF；请缩小范围后重试")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line


class Worker:
    """Keeps one warm child for this process and starts another when it is gone or worn out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None

    def render(
        self, order: dict[str, Any], *, time_limit_s: float = TIME_LIMIT_S, heartbeat: Heartbeat | None = None
    ) -> Rendered:
        """Have one document set by the child."""
        with self._lock:
            if self._child is None or not self._child.is_usable:
                self.end()
                self._child = Child(memory_mib=settings().child_memory_mib)
            return self._child.render(order, time_limit_s=time_limit_s, heartbeat=heartbeat)

    def end(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None


_worker = Worker()


def _forget_after_fork() -> None:
    # The lock may be held by a thread that does not exist here, and the child belongs to the parent.
    global _worker  # noqa: PLW0603 - a fork gives a copy of the one worker that must not be used
    _worker = Worker()


os.register_at_fork(after_in_child=_forget_after_fork)


@atexit.register
def end_worker() -> None:
    """End the warm child of this process; the next document starts another."""
    _worker.end()


def render_html(
    html: str,
    out: Path,
    *,
    css: Sequence[str] = (),
    folder: str = "",
    time_limit_s: float = TIME_LIMIT_S,
    heartbeat: Heartbeat | None = None,
) -> Rendered:
    """Write `html` as a PDF to `out`, which is replaced only when the file is whole.

    Relative addresses are looked up in the folder `folder` of `reports/`; nothing outside `reports/`, the static files
    and `data:` is opened, and nothing is fetched from a network.

    Raises:
        PdfUnavailable: pango is missing on this machine.
        PdfFailed: too slow, too large, or the document cannot be set.
    """
    temporary = out.with_name(f".{out.name}.{os.getpid()}.part").resolve()
    base_url = (resource_dir("reports").resolve() / folder / "page.html").as_uri()
    order = {"html": html, "css": [font_css(), *css], "base_url": base_url, "out": str(temporary)}
    try:
        rendered = _worker.render(order, time_limit_s=time_limit_s, heartbeat=heartbeat)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return rendered


def why_unavailable() -> str | None:
    """Return why documents cannot be set on this machine, in Chinese, or None when they can (used by `doctor`)."""
    for names in _LIBRARIES:
        if not any(map(_loads, names)):
            return PdfUnavailable().message
    return None


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
