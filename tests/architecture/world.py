"""Two tenants with one of everything, and for every route with an address argument a row of the first tenant."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect as inspected
from sqlalchemy import select
from sqlalchemy.orm import Session

from hwrisk.attachments.models import Attachment
from hwrisk.clock import now, today
from hwrisk.db.session import Database
from hwrisk.db.types import EnumValue, TonnesType
from hwrisk.imports.models import ImportBatch
from hwrisk.indicators.models import IndicatorValue, PeriodKind, ScopeKind, ValueStage, ValueState
from hwrisk.jobs.models import Task
from hwrisk.ledger.drafts import Draft, Hand
from hwrisk.ledger.models import EntryKind, LedgerEntry, Removal, UnitWaste
from hwrisk.ledger.posting import post_many
from hwrisk.ledger.storage.models import (
    ExtensionState,
    FacilityKind,
    StorageBatch,
    StorageExtension,
    StorageFacility,
)
from hwrisk.ledger.storage.operations import register_facility
from hwrisk.notices.models import Notice
from hwrisk.parks.models import Park
from hwrisk.reporting.models import ExportFile
from hwrisk.rulepacks.models import RulePack
from hwrisk.security import GrantKind, Role, Viewer
from hwrisk.security.models import Account, AccountGrant
from hwrisk.units.models import IdentityKind, ManagementClass, Unit, UnitRole, UnitStatus
from hwrisk.units.operations import UnitChange, register_unit
from hwrisk.web.models import SavedFilter
from tests.architecture import own
from tests.people import Grant, make_account

FIRST = date(2024, 1, 1)
SYSTEM = Viewer.system()


@dataclass
class Tenant:
    """An office, a park and a unit, with what belongs to them."""

    office: str
    park: Park
    unit: Unit
    batch: StorageBatch
    out: LedgerEntry
    tokens: dict[Role, str] = field(default_factory=dict)
    accounts: dict[Role, Account] = field(default_factory=dict)

    def grants(self, role: Role) -> list[Grant]:
        """Return what an account of `role` is granted here."""
        return {
            Role.COUNTY: [(GrantKind.OFFICE, self.office)],
            Role.PARK: [(GrantKind.PARK, self.park.id)],
            Role.ENTERPRISE: [(GrantKind.UNIT, self.unit.id)],
            Role.PROVIDER: [(GrantKind.UNIT, self.unit.id)],
        }.get(role, [])


TENANT_ROLES = (Role.COUNTY, Role.PARK, Role.ENTERPRISE, Role.PROVIDER)


@dataclass
class World:
    """Both tenants, and the rows of the first that addresses point to."""

    ours: Tenant
    theirs: Tenant
    rows: dict[str, Any] = field(default_factory=dict)


def make_world(database: Database) -> World:
    """Return two tenants in `database`."""
    with database.unit_of_work() as session:
        ours = _tenant(session, "LYG-GNX", "LYG-P-GNHG", 1)
        theirs = _tenant(session, "LYG-GYX", "LYG-P-GYLG", 2)
    for tenant in (ours, theirs):
        for role in TENANT_ROLES:
            tenant.accounts[role], tenant.tokens[role] = make_account(database, role, tenant.grants(role))
    world = World(ours, theirs)
    with database.unit_of_work() as session:
        _own(session, world)
        for module in own.modules():
            world.rows |= module.rows(session, world)
    return world


def _tenant(session: Session, office: str, park_code: str, number: int) -> Tenant:
    park = session.scalars(select(Park).where(Park.code == park_code)).one()
    unit = register_unit(
        session,
        identity_kind=IdentityKind.INDIVIDUAL,
        identity_no=f"YANSHI{number:04d}",
        identity_reason="测试",
        valid_from=FIRST,
        state=UnitChange(
            name=f"演示{number}号化工有限公司", status=UnitStatus.OPERATING, role=UnitRole.OPERATOR, office_code=office,
            park_id=park.id, class_computed=ManagementClass.KEY, licence_no=f"演示证{number}",
        ),
        actor=SYSTEM,
    )  # fmt: skip
    facility = register_facility(
        session, unit_id=unit.id, code="TS001", name="贮存库", kind=FacilityKind.WAREHOUSE, capacity=Decimal(10),
        valid_from=FIRST, actor=SYSTEM,
    )  # fmt: skip
    common = {"unit_id": unit.id, "waste_code": "772-003-18", "waste_name": "飞灰", "facility_id": facility.id}
    drafts = [
        Draft(kind=EntryKind.STORED_IN, entry_no="HWRK20250101001", occurred_on=date(2025, 1, 1),
              quantity=Decimal(5), **common),
        Draft(kind=EntryKind.STORED_OUT, entry_no="HWCK20261001001", batch_no="HWRK20250101001",
              occurred_on=date(2026, 10, 1), quantity=Decimal(2), removal=Removal.ENTRUST, **common),
    ]  # fmt: skip
    posted = post_many(session, drafts, Hand(viewer=SYSTEM, as_of=today()))
    batch = session.scalars(select(StorageBatch).where(StorageBatch.unit_id == unit.id)).one()
    return Tenant(office, park, unit, batch, session.get_one(LedgerEntry, posted.entry_ids[-1]))


def _own(session: Session, world: World) -> None:
    county = world.ours.accounts[Role.COUNTY]
    world.rows |= {
        "grant": session.scalars(select(AccountGrant).where(AccountGrant.account_id == county.id)).first(),
        "import": example(session, ImportBatch, account_id=county.id, kind="units"),
        "export": example(session, ExportFile, made_by_id=county.id, report_id="units", format="xlsx", path=None),
        "task": example(session, Task, actor_id=county.id, kind="export"),
        "notice": example(session, Notice, account_id=county.id, role=None, office_code=None, audience="account"),
        "attachment": example(session, Attachment, owner_kind="unit", owner_id=str(world.ours.unit.id)),
        "value": example(
            session,
            IndicatorValue,
            indicator="overdue-disposal-rate",
            scope_kind=ScopeKind.OFFICE,
            scope_code=world.ours.office,
            period_kind=PeriodKind.MONTH,
            period_start=date(2026, 9, 1),
            period_end=date(2026, 10, 1),
            stage=ValueStage.FROZEN,
            state=ValueState.NONE_OVERDUE,
            target_percent="100",
        ),
        "pack": session.scalars(select(RulePack).order_by(RulePack.id)).first(),
        "waste": session.scalars(select(UnitWaste).where(UnitWaste.unit_id == world.ours.unit.id)).one(),
        "facility": session.get_one(StorageFacility, world.ours.batch.facility_id),
        "extension": example(
            session,
            StorageExtension,
            batch_id=world.ours.batch.id,
            applied_on=date(2026, 1, 2),
            state=ExtensionState.PENDING,
        ),
        "filter": example(session, SavedFilter, account_id=county.id, endpoint="units.index"),
    }


def example(session: Session, model: type[Any], **known: Any) -> Any:
    """Return a stored row of `model` in which every compulsory column that is not given holds something."""
    values = dict(known)
    for column in inspected(model).columns:
        name = inspected(model).get_property_by_column(column).key
        if name in values or column.primary_key or column.nullable or column.default is not None:
            continue
        values[name] = _filler(column.type)
    row = model(**values)
    session.add(row)
    session.flush()
    return row


def _filler(kind: Any) -> Any:
    if isinstance(kind, EnumValue):
        return next(iter(kind.enum_class))
    if isinstance(kind, TonnesType):
        return Decimal(1)
    if "JSON" in type(kind).__name__:
        return {}
    made: dict[type, Callable[[], Any]] = {
        str: lambda: uuid.uuid4().hex[:12], int: lambda: 1, date: today, bool: lambda: False,
        Decimal: lambda: Decimal(1),
    }  # fmt: skip
    if "DateTime" in type(kind).__name__:
        return now() - timedelta(hours=1)
    return made[kind.python_type]()
