"""Service: the audit trail (审计): what was done, by whom, in a chain that shows any change."""

from hwrisk.audit.models import AuditEntry
from hwrisk.audit.operations import Actor, link, record, set_origin
from hwrisk.audit.queries import Head, entries, head, verify_chain
from hwrisk.db.checks import Check

CHECKS = (Check("audit.chain", "审计链完整", verify_chain),)
"""What `hwrisk verify` asks of this service."""

__all__ = ["CHECKS", "Actor", "AuditEntry", "Head", "entries", "head", "link", "record", "set_origin", "verify_chain"]
