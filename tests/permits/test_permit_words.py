"""What is wrong with a licence or a quantity is said in the same words on a form and in a file."""

from __future__ import annotations

import pytest

from hwrisk.permits.imports import OPERATING_QUANTITIES, PERMITS
from hwrisk.security import GrantKind, Role
from tests.permits.permit_world import OFFICE, licence, register
from tests.permits.test_permit_pages import HEADS, ROW, STATED, take

__all__ = ["take"]
OUTSIDE = "废物代码 900-041-49 不在许可证 演示证-1 生产线 L1 的核准类别内（核准：HW08 全部）"
EXPIRED = "许可证 演示证-1 在 2023年12月 不在有效期内（有效期：2024-01-01 至 2028-12-31）"
OVERLAP = (
    "许可证编号 演示证-1 在 2024-01-01 至 2028-12-31 已有登记，与所填的 2028-12-31 至 2033-12-30 重叠；"
    "内容变化请办“变更”，换证请核对起止日期"
)
TEN_THOUSAND = "写的单位是万吨"
QUANTITY = {"month": "2026-10", "line_no": "L1", "waste_code": "900-214-08", "received": "5", "treated": "5"}


@pytest.fixture
def world(session):
    """A licence of a unit, 2024 to 2028."""
    unit = register(session)
    made = licence(session, unit=unit)
    session.commit()
    return unit, made


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"waste_code": "900-041-49"}, OUTSIDE), ({"month": "2023-12"}, EXPIRED), ({"received": "1.2万吨"}, TEN_THOUSAND)],
)
def test_quantities(world, sign_in, take, changes: dict[str, str], said: str) -> None:
    unit, made = world
    data = QUANTITY | changes
    client = sign_in(Role.ENTERPRISE, (GrantKind.UNIT, unit.id))
    answer = client.post(f"/permits/{made.public_id}/quantities", data=data)
    assert (answer.status_code, said in answer.text) == (422, True)
    row = ("演示证-1", data["line_no"], data["month"], data["waste_code"], data["received"], data["treated"])
    refused = take(OPERATING_QUANTITIES, "经营量", STATED, row)
    assert (refused.is_accepted, said in refused.faults[0]) == (False, True)


def test_overlapping_periods(world, sign_in, take) -> None:
    _, made = world
    client = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
    data = {
        "kind": "comprehensive", "act": "renewed", "authority": "演示发证机关", "issued_on": "2026-11-20",
        "valid_from": "2028-12-31", "expires_on": "2033-12-30", "lines-0-line_no": "L1", "lines-0-name": "焚烧线",
        "lines-0-quantity": "1000", "lines-0-methods": "D10", "lines-0-categories": "HW08",
    }  # fmt: skip
    answer = client.post(f"/permits/{made.public_id}/renew", data=data)
    assert (answer.status_code, OVERLAP in answer.text) == (422, True)
    row = ("演示证-1", *ROW[1:6], "2028-12-31", "2033-12-30", *ROW[8:])
    refused = take(PERMITS, "经营许可证", HEADS, row)
    assert (refused.is_accepted, OVERLAP in refused.faults[0]) == (False, True)


def test_ten_thousand_tonnes_of_a_line(world, sign_in, take) -> None:
    _, made = world
    client = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
    data = {
        "kind": "comprehensive", "act": "renewed", "authority": "演示发证机关", "issued_on": "2026-11-20",
        "valid_from": "2029-01-01", "expires_on": "2033-12-31", "lines-0-line_no": "L1", "lines-0-name": "焚烧线",
        "lines-0-quantity": "1.2万吨", "lines-0-methods": "D10", "lines-0-categories": "HW08",
    }  # fmt: skip
    answer = client.post(f"/permits/{made.public_id}/renew", data=data)
    assert (answer.status_code, TEN_THOUSAND in answer.text) == (422, True)
    refused = take(PERMITS, "经营许可证", HEADS, (*ROW[:9], "1.2万吨", *ROW[10:]))
    assert (refused.is_accepted, TEN_THOUSAND in refused.faults[0]) == (False, True)


def test_every_form_of_a_licence_opens(world, sign_in) -> None:
    _, made = world
    client = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
    for path in ("renew", "change", "correct", "renewal", "revoke", "quantities"):
        answer = client.get(f"/permits/{made.public_id}/{path}")
        assert (answer.status_code, "演示证-1" in answer.text) == (200, True), path


def test_a_licence_is_renewed_and_changed(world, sign_in) -> None:
    _, made = world
    client = sign_in(Role.COUNTY, (GrantKind.OFFICE, OFFICE))
    data = {
        "kind": "comprehensive", "act": "renewed", "authority": "演示发证机关", "issued_on": "2026-11-20",
        "valid_from": "2029-01-01", "expires_on": "2033-12-31", "lines-0-line_no": "L1", "lines-0-name": "焚烧线",
        "lines-0-quantity": "12000", "lines-0-methods": "D10", "lines-0-categories": "HW08",
    }  # fmt: skip
    assert "换证已登记" in client.post(f"/permits/{made.public_id}/renew", data=data, follow_redirects=True).text
    changed = data | {"valid_from": "2026-11-01", "expires_on": "2028-12-31", "lines-0-quantity": "2000"}
    page = client.post(f"/permits/{made.public_id}/change", data=changed, follow_redirects=True)
    assert page.status_code == 200
    assert "2,000.0000" in page.text and "已被替代" in page.text
