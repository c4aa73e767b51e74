"""The file of a unit as a PDF and as an Excel workbook; both are drawn as every other file is."""

from __future__ import annotations

from pathlib import Path

from hwrisk.enterprise_file.gathering import EnterpriseFile
from hwrisk.reporting import Making, Written
from hwrisk.reporting.files import FileDocument, write_file_pdf, write_file_workbook

KIND = "危险废物环境管理一企一档"


def write_pdf(file: EnterpriseFile, path: Path, making: Making) -> Written:
    """Write the file as a document on A4 upright.

    Raises:
        PdfUnavailable: the machine lacks what documents need.
        PdfFailed: it is too long or too slow.
    """
    return write_file_pdf(_document(file), path, making)


def write_workbook(file: EnterpriseFile, path: Path, making: Making) -> Written:
    """Write the file as a workbook: cover with head and alerts, then one sheet a chapter."""
    return write_file_workbook(_document(file), path, making)


def _document(file: EnterpriseFile) -> FileDocument:
    return FileDocument(
        kind=KIND,
        name=file.version.name,
        number=file.unit.unit_no,
        as_of=file.as_of,
        head=file.head,
        dossier=file.dossier,
    )
