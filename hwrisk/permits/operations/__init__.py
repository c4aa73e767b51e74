"""What is done about licences, about what is stated under them, and about disposal projects."""

from hwrisk.permits.operations.licences import NewLicence, file_renewal, register_licence, revoke
from hwrisk.permits.operations.projects import change_project
from hwrisk.permits.operations.quantities import Stated, check_stated, doubt, state_quantities
from hwrisk.permits.operations.terms import add_term, change_term, correct_term

__all__ = [
    "NewLicence",
    "Stated",
    "add_term",
    "change_project",
    "change_term",
    "check_stated",
    "correct_term",
    "doubt",
    "file_renewal",
    "register_licence",
    "revoke",
    "state_quantities",
]
