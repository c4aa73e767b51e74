"""What is done about assessments: sheets, closing, objections, the plan of a year."""

from hwrisk.assessment.operations.closing import close, confirm_veto, present_verdict, return_veto, withdraw
from hwrisk.assessment.operations.drafting import begin, entries_of, people_of, save, scheme_of
from hwrisk.assessment.operations.objecting import answer_objection, objection_until, raise_objection
from hwrisk.assessment.operations.planning import draw_sample, exclude, readmit, set_plan, withdraw_draw

__all__ = [
    "answer_objection",
    "begin",
    "close",
    "confirm_veto",
    "draw_sample",
    "entries_of",
    "exclude",
    "objection_until",
    "people_of",
    "present_verdict",
    "raise_objection",
    "readmit",
    "return_veto",
    "save",
    "scheme_of",
    "set_plan",
    "withdraw",
    "withdraw_draw",
]
