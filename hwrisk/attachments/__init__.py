"""Service: attachments (附件): files kept by their content, seen by whoever sees what they belong to."""

from hwrisk.attachments.files import StoredFile, store
from hwrisk.attachments.models import Attachment
from hwrisk.attachments.operations import attach, remove
from hwrisk.attachments.queries import Download, attachments_of, fetch, get_attachment
from hwrisk.attachments.records import Owner
from hwrisk.attachments.retention import file_check, retention

__all__ = [
    "Attachment",
    "Download",
    "Owner",
    "StoredFile",
    "attach",
    "attachments_of",
    "fetch",
    "file_check",
    "get_attachment",
    "remove",
    "retention",
    "store",
]
