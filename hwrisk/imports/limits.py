"""How much of an uploaded file is taken; beyond it the file is refused before it can harm."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwrisk.config import Settings

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one uploaded file; the defaults take a full ledger of 100,000 rows."""

    file_bytes: int = 30 * MIB
    members: int = 2_000
    """Files inside the workbook."""
    member_bytes: int = 300 * MIB
    """Unpacked size of one file inside the workbook."""
    total_bytes: int = 500 * MIB
    """Unpacked size of the whole workbook."""
    ratio: int = 200
    """Unpacked ÷ packed size, for files inside the workbook over one MiB; real sheets stay below 60."""
    sheets: int = 60
    rows: int = 100_000
    """Rows of data on one sheet."""
    columns: int = 200
    seconds: int = 60
    """Time of the process that reads the file."""
    memory_mib: int = 1_500
    """Address space of the process that reads the file."""

    def within(self, settings: Settings) -> Limits:
        """Return these limits with the upload size and the memory that the installation allows."""
        return replace(self, file_bytes=settings.upload_mib * MIB, memory_mib=settings.child_memory_mib)


HEAD_ROWS = 20
"""The head row is searched in this many first rows."""
