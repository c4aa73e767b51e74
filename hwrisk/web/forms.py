"""Forms: one base with CSRF and refusals, and fields that read values exactly as imports do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField as _FileField
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are behind
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import TextInput

from hwrisk.clock import now
from hwrisk.errors import RuleViolation
from hwrisk.imports.cells import CellError, format_tonnes, half_width, parse_code, parse_day, parse_tonnes
from hwrisk.web import operations, queries
from hwrisk.web.context import current_session, current_user, unit_of_work

T = TypeVar("T")
F = TypeVar("F", bound="BaseForm")
MAX_TYPED = 200
_TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")


class BaseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form with CSRF; messages are Chinese, and what the rules refuse is shown at its field."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask_wtf has no types
        """WTForms' own messages in Chinese."""

        locales = ("zh",)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent without the character NUL, which nobody types and PostgreSQL refuses in texts.

            JSON is no form: its values may be of any kind, where every field expects text.
            """
            if request.is_json:
                return None
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, MultiDict) or not any(_has_nul(value) for _, value in sent.items(multi=True)):
                return sent
            return MultiDict(
                (name, value.replace("\x00", "") if _has_nul(value) else value)
                for name, value in sent.items(multi=True)
            )

    form_errors: list[str]
    draft_key: str | None = None
    """Key under which the browser keeps what is typed, or None for a form without draft."""
    draft_at: datetime | None = None
    """When the draft now shown was kept, or None when the form shows no draft."""
    is_saved: bool = False
    """Whether what the form asks for was done (see `saving`)."""

    def refuse(self, violation: RuleViolation) -> None:
        """Show what an operation refused: at its field where it names one, else above the form."""
        field = self._fields.get(violation.field) if violation.field else None
        if field is None:
            self.form_errors = [*self.form_errors, violation.message]
        else:
            field.errors = [*field.errors, violation.message]


def _has_nul(value: Any) -> bool:
    return isinstance(value, str) and "\x00" in value


class VersionedForm(BaseForm):
    """A form about a row that others may change meanwhile: the version travels with it (see `web.conflicts`)."""

    version = HiddenField()

    def version_seen(self) -> int:
        """Return the version the person saw, 0 where the form does not say."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class OnceForm(BaseForm):
    """A form that adds to something each time it is sent: each page of it takes effect once (see `send_once`)."""

    once_token = HiddenField(default=lambda: uuid4().hex)
    """Number of this very page; its name keeps it out of drafts."""


@contextlib.contextmanager
def saving(form: BaseForm) -> Iterator[Session]:
    """Give a unit of work for what a valid form asks for; with its success the draft of the form goes.

    What the rules refuse is shown at the form and nothing is saved: ask `form.is_saved` afterwards.
    """
    try:
        with unit_of_work() as session:
            yield session
            if form.draft_key is not None:
                operations.drop_draft(session, user=current_user(), form_key=form.draft_key)
    except RuleViolation as violation:
        form.refuse(violation)
    else:
        form.is_saved = True


def send_once(session: Session, form: OnceForm) -> None:
    """Note in the unit of work of its effect that this page was sent; a second sending is refused.

    The number lies with the browser, so a page that was sent twice by impatience, by the way back or by a broken line
    is told from two pages. What is refused for another reason may be sent again.

    Raises:
        RuleViolation: it took effect before; the form carries a fresh number for whoever means it.
    """
    try:
        operations.note_sent(session, user=current_user(), number=str(form.once_token.data or ""), at=now())
    except RuleViolation:
        form.once_token.data = uuid4().hex
        raise


class Filled(InputRequired):
    """Refuses a field left empty or filled with blanks alone; unlike `DataRequired` it takes 0 for an answer."""

    def __call__(self, form: Any, field: Field) -> None:
        """Let the field pass, or stop with the message."""
        sent = field.raw_data[0] if field.raw_data else None
        if not isinstance(sent, str) or sent.strip():
            super().__call__(form, field)
            return
        field.errors = []
        raise StopValidation(str(self.message))


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Return the choices of a `SelectField` or `RadioField` from (value, Chinese label)."""
    return [SelectChoice(value, label) for value, label in pairs]


def required(value: T | None) -> T:
    """Return a value that validation has made sure of; for the type checker.

    Raises:
        TypeError: the value is None: the field lacks its validator.
    """
    if value is None:
        raise TypeError("a required field let None pass")
    return value


def with_draft(form_class: type[F], form_key: str, **kwargs: Any) -> F:
    """Return the form as posted, or as the person's draft has it, or fresh from `kwargs` (obj=…, data=…)."""
    kept = None
    if request.method == "GET":
        kept = queries.draft(current_session(), user=current_user(), form_key=form_key)
    if kept is None:
        form = form_class(**kwargs)
    else:
        typed = MultiDict([(name, value) for name, values in kept.data.items() for value in values])
        form = form_class(formdata=typed, **kwargs)
        form.draft_at = kept.updated_at
    form.draft_key = form_key
    return form


class _TypedField(Field):
    """A field whose text goes through one parser; what was typed is shown again when it is refused."""

    widget = TextInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), **kwargs)
        self.typed: str | None = None

    def parse(self, text: str) -> Any:
        """Return the value that `text` means.

        Raises:
            CellError: it means none.
        """
        raise NotImplementedError

    def shown(self, value: Any) -> str:
        """Return how `value` is shown for typing over."""
        return str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent."""
        self.data = None
        if not valuelist or not isinstance(valuelist[0], str):
            return
        self.typed = valuelist[0]
        text = self.typed.strip()
        if not text:
            return
        if len(text) > MAX_TYPED:
            raise ValueError("内容太长，请核对")
        try:
            self.data = self.parse(text)
        except CellError as error:
            raise ValueError(f"{error.message}（{error.right}）" if error.right else error.message) from error

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.shown(self.data)


class TonnesField(_TypedField):
    """A quantity in tonnes; `data` is a Decimal with four decimals, or None when nothing was typed.

    Args:
        positive: whether 0 is refused as well.
    """

    data: Decimal | None

    def __init__(self, label: str, validators: Sequence[Any] = (), *, positive: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **kwargs)
        self.positive = positive

    def parse(self, text: str) -> Decimal:
        """Return tonnes with four decimals."""
        return parse_tonnes(text, positive=self.positive)

    def shown(self, value: Any) -> str:
        """Return tonnes as they are typed."""
        return format_tonnes(value)


class DayField(_TypedField):
    """A day in any common way of writing; `data` is a date, or None when nothing was typed.

    Args:
        latest: returns the last day that may be entered (`clock.today` refuses the future), or None for any day.
    """

    data: date | None

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        latest: Callable[[], date] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("render_kw", {"placeholder": "如 2026-06-30", "autocomplete": "off", "data-day": "1"})
        super().__init__(label, validators, **kwargs)
        self.latest = latest

    def parse(self, text: str) -> date:
        """Return the day."""
        return parse_day(text, as_of=self.latest() if self.latest else None)

    def shown(self, value: Any) -> str:
        """Return the day as 2026-11-23."""
        return str(value.isoformat())


class ClockField(_TypedField):
    """A time of day as 14:30; `data` is a time, or None when nothing was typed."""

    data: time | None

    def __init__(self, label: str, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"placeholder": "如 14:30", "autocomplete": "off"})
        super().__init__(label, validators, **kwargs)

    def parse(self, text: str) -> time:
        """Return the time of day."""
        found = _TIME_OF_DAY.fullmatch(half_width(text))
        if found is None:
            raise CellError("时刻写成 14:30 的样子")
        return time(int(found[1]), int(found[2]))

    def shown(self, value: Any) -> str:
        """Return the time as 14:30."""
        return f"{value:%H:%M}"


class CodeField(_TypedField):
    """A code (废物代码, 统一社会信用代码, 编号); `data` is its normal form, or None when nothing was typed.

    Args:
        parser: one of the code parsers of `hwrisk.imports.cells`.
    """

    data: str | None

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, parser: Callable[[str], str] = parse_code, **kwargs: Any
    ) -> None:
        kwargs.setdefault("render_kw", {"autocomplete": "off"})
        super().__init__(label, validators, **kwargs)
        self.parser = parser

    def parse(self, text: str) -> str:
        """Return the code in its normal form."""
        return self.parser(text)


class FileField(_FileField):  # type: ignore[misc]  # flask_wtf has no types
    """A file to upload; `data` is the `FileStorage`, or None when none was chosen."""

    data: FileStorage | None
