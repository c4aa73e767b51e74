"""Service: the audit trail (审计)."""
