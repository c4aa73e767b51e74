import pytest

from hwrisk.security.permissions import HOLDERS, Permission, permissions_of
from hwrisk.security.roles import ADMINISTRATORS, CITY_WIDE, GRANTS_OF, NEEDS_END, GrantKind, Role

BUSINESS_AREAS = {
    "unit",
    "ledger",
    "storage",
    "import",
    "export",
    "indicator",
    "catalogue",
    "rulepack",
    "park",
    "search",
}


def test_every_permission_says_who_holds_it():
    assert set(HOLDERS) == set(Permission)
    assert all(HOLDERS.values())


def test_every_role_has_a_row_of_grants():
    assert set(GRANTS_OF) == set(Role)


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_is_an_area_and_an_action_with_a_chinese_name(permission):
    area, _, action = permission.value.partition(":")
    assert (area.replace("_", "").isalpha(), action.isalpha()) == (True, True)
    assert not permission.label.isascii()


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_the_three_administrators_touch_no_business_data(role):
    areas = {permission.value.partition(":")[0] for permission in permissions_of(role)}
    assert areas.isdisjoint(BUSINESS_AREAS)
    assert GRANTS_OF[role] == frozenset()
    assert role not in CITY_WIDE


def test_the_three_hands_are_apart():
    alone = {
        Permission.JOB_RUN: Role.SYSADMIN,
        Permission.ACCOUNT_EDIT: Role.SECADMIN,
        Permission.AUDIT_READ: Role.AUDADMIN,
    }
    for permission, hand in alone.items():
        assert HOLDERS[permission] & ADMINISTRATORS == {hand}


def test_who_may_be_put_on_a_roster_sees_the_whole_city_anyway():
    assert HOLDERS[Permission.DUTY_STAND] == CITY_WIDE - {Role.DUTY}
    assert HOLDERS[Permission.DUTY_KEEP] == HOLDERS[Permission.DUTY_STAND] | {Role.SECADMIN}
    # A post reads its roster; it is no person, so it neither keeps the roster nor stands on it.
    assert HOLDERS[Permission.DUTY_READ] == HOLDERS[Permission.DUTY_KEEP] | {Role.DUTY}


def test_only_the_security_administrator_keeps_accounts():
    assert HOLDERS[Permission.ACCOUNT_EDIT] == {Role.SECADMIN}


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.HEALTH, Role.ENFORCEMENT, Role.COMMAND, Role.DUTY])
def test_who_only_reads_writes_nothing(role):
    writing = {"edit", "write", "correct", "extend", "plan", "activate", "reset"}
    # Emergency command keeps its own depots and stock; it reads all the rest.
    kept = {Permission.MATERIAL_EDIT} if role is Role.COMMAND else set()
    assert {p for p in permissions_of(role) if p.value.partition(":")[2] in writing} == kept
    assert Permission.IMPORT_RUN not in permissions_of(role)


def test_a_filer_files_but_decides_nothing():
    for role in (Role.ENTERPRISE, Role.PROVIDER):
        held = permissions_of(role)
        assert Permission.LEDGER_WRITE in held
        assert not held & {Permission.LEDGER_CORRECT, Permission.STORAGE_EXTEND, Permission.RULEPACK_ACTIVATE}


def test_the_whole_city_is_granted_only_to_who_reads_as_granted():
    holders = {role for role, kinds in GRANTS_OF.items() if GrantKind.CITY in kinds}
    assert holders == {Role.LEADER, Role.AUDITOR, Role.HEALTH, Role.ENFORCEMENT}
    assert {Role.PROVIDER, Role.HELPER} == NEEDS_END
