"""Identity of a unit and what it is from its beginning; taking it into the register."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from hwrisk.clock import today
from hwrisk.security.permissions import Permission
from hwrisk.units import queries
from hwrisk.units.forms import FactsForm
from hwrisk.units.models import IdentityKind, Unit
from hwrisk.units.operations import correct_identity, set_facts, take_into_register
from hwrisk.units.rules import Identity
from hwrisk.units.views.blueprint import bp
from hwrisk.units.views.editing import is_authority
from hwrisk.web import current_session, current_user, page, requires, saving, unit_of_work


@bp.route("/<uuid:public_id>/facts", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def facts(public_id: UUID) -> Response:
    """Correct identity, trade and first day of production; the audit trail keeps what stood before."""
    user = current_user()
    row = queries.get_unit(current_session(), public_id, user=user, as_of=today())
    if not is_authority(user):
        flash("身份标识由市局或驻县（区）局更正，请联系您的管辖单位", "warning")
        return redirect(url_for(".show", public_id=public_id))
    form = FactsForm(data=_shown(row.unit))
    if form.validate_on_submit():
        with saving(form) as session:
            seen = queries.get_unit(session, public_id, user=user, as_of=today())
            identity = Identity(
                IdentityKind(form.identity_kind.data), form.identity_no.data, form.identity_reason.data or ""
            )
            if tuple(identity) != (seen.unit.identity_kind, seen.unit.identity_no or "", seen.unit.identity_reason):
                correct_identity(session, seen.unit, identity, actor=user)
            rest = {
                "industry_code": (form.industry_code.data or "").strip(),
                "started_on": form.started_on.data,
                "note": (form.note.data or "").strip(),
            }
            set_facts(session, seen.unit, rest, actor=user)
        if form.is_saved:
            flash("已保存", "success")
            return redirect(url_for(".show", public_id=public_id))
    return page("units/facts.html", form=form, unit=row.unit, version=row.version)


@bp.post("/<uuid:public_id>/supervise")
@requires(Permission.UNIT_EDIT)
def supervise(public_id: UUID) -> Response:
    """Take a unit known from public sources into the bureau's register."""
    user = current_user()
    row = queries.get_unit(current_session(), public_id, user=user, as_of=today())
    if not is_authority(user):
        flash("纳入监管名录由市局或驻县（区）局办理", "warning")
    elif row.unit.identity_kind is IdentityKind.UNKNOWN:
        flash("请先补充身份标识（统一社会信用代码，或其他种类和理由），再纳入监管名录", "warning")
        return redirect(url_for(".facts", public_id=public_id))
    else:
        with unit_of_work() as session:
            seen = queries.get_unit(session, public_id, user=user, as_of=today())
            take_into_register(session, seen.unit, actor=user)
        flash("已纳入监管名录", "success")
    return redirect(url_for(".show", public_id=public_id))


def _shown(unit: Unit) -> dict[str, object]:
    return {
        "identity_kind": str(unit.identity_kind),
        "identity_no": unit.identity_no or "",
        "identity_reason": unit.identity_reason,
        "industry_code": unit.industry_code,
        "started_on": unit.started_on,
        "note": unit.note,
    }
