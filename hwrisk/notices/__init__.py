"""Service: notices inside the site (站内消息)."""

from hwrisk.notices.models import Notice, NoticeRead
from hwrisk.notices.operations import mark_all_read, mark_read, notify, withdraw
from hwrisk.notices.queries import get_notice, notices_for, unread, unread_count

__all__ = [
    "Notice",
    "NoticeRead",
    "get_notice",
    "mark_all_read",
    "mark_read",
    "notices_for",
    "notify",
    "unread",
    "unread_count",
    "withdraw",
]
