"""Errors that a person may see; every message is one plain Chinese sentence naming the place and the remedy."""

from __future__ import annotations


class HwriskError(Exception):
    """Base of all errors with a message for the user (用户可见的错误)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RuleViolation(HwriskError):
    """A rule of the field forbids what was asked (违反业务规则)."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        """Name of the form field the message belongs to, or None."""


class Refused(HwriskError):
    """The person may not do this (无权操作)."""


class NotFound(HwriskError):
    """There is no such row, or it is out of the person's sight; the two are never told apart."""

    def __init__(self, message: str = "没有找到，或不在您的管辖范围内") -> None:
        super().__init__(message)


class BadFile(HwriskError):
    """An uploaded file is damaged, hostile or not of the expected kind (文件不可用)."""


class EditConflict(HwriskError):
    """Somebody else changed the row since it was read (编辑冲突)."""


class DatabaseBusy(HwriskError):
    """The database is locked, full or read-only; nothing was saved (数据库暂不可写)."""

    def __init__(self, message: str = "数据库暂时不可写（被占用、磁盘已满或只读），本次操作未保存，请稍后重试") -> None:
        super().__init__(message)


class SetupError(HwriskError):
    """The installation is not usable as it stands; the message says what to do (部署问题)."""
