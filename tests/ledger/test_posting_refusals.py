"""Every reason for which a record is refused: field and sentence; the preview says the same, nothing is kept."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from hwrisk.ledger.models import EntryKind, ReceiverKind
from hwrisk.ledger.posting import check_many
from hwrisk.units.models import UnitStatus
from tests.ledger.ledger_world import OIL, SALT, TODAY

DAY = date(2026, 3, 2)
IN, OUT, GENERATED = EntryKind.STORED_IN, EntryKind.STORED_OUT, EntryKind.GENERATED


def days(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def batch(world):
    return world.stored("10", DAY, entry_no="RK1")


@pytest.fixture
def load(world, batch):
    """4 tonnes on their way since day 1."""
    world.post(OUT, days(1), "4", batch=batch.batch_no, entry_no="CK1")
    return world.post(EntryKind.ENTRUSTED, days(1), "4", after="CK1", entry_no="WW1", national_no="20263207000001")


class TestForm:
    @pytest.mark.parametrize(
        ("quantity", "sentence"),
        [
            ("0", "数量必须大于 0 吨"),
            ("-1", "数量必须大于 0 吨"),
            ("Infinity", "数量必须大于 0 吨"),
            ("NaN", "数量必须大于 0 吨"),
            ("0.00001", "数量最多四位小数（精确到 0.1 千克）"),
            ("100000000", "数量超过 99999999.9999 吨，请核对单位是否为吨"),
        ],
    )
    def test_quantity(self, world, quantity, sentence):
        assert world.refusal(world.draft(GENERATED, DAY, quantity)) == ("quantity", sentence)

    @pytest.mark.parametrize("field", ["occurred_on", "first_stored_on", "completed_on"])
    def test_days(self, world, field):
        draft = world.draft(IN, TODAY, "1")
        late = world.refusal(replace(draft, **{field: TODAY + timedelta(days=1)}))
        early = world.refusal(replace(draft, **{field: date(1989, 12, 31)}))
        assert late == (field, "日期 2026-11-24 晚于今天，请核对")
        assert early == (field, "日期 1989-12-31 过早，请核对年份")

    @pytest.mark.parametrize(
        ("field", "longest", "what"),
        [("entry_no", 32, "记录编号"), ("waste_name", 100, "废物名称"), ("remark", 1000, "备注"),
         ("receiver_name", 200, "接收单位"), ("provincial_no", 32, "省内编号")],
    )  # fmt: skip
    def test_texts(self, world, field, longest, what):
        draft = world.draft(GENERATED, DAY, "1")
        assert world.refusal(replace(draft, **{field: "长" * (longest + 1)})) == (
            field, f"{what}最多 {longest} 个字，现为 {longest + 1} 个",
        )  # fmt: skip
        assert world.refusal(replace(draft, **{field: "甲\x00乙"})) == (
            field, f"{what}中有换行或不可显示的字符，请删除",
        )  # fmt: skip
        world.post_all(replace(draft, **{field: "长" * longest}))

    @pytest.mark.parametrize(
        ("code", "part"),
        [("", "废物代码不能为空"), ("26108445", "废物代码缺少连字符"),
         ("261-084-51", "废物类别 HW51 不在 HW01–HW50 之内"),
         ("261-084-00", "废物类别 HW00 不在 HW01–HW50 之内"), ("盐", "废物代码格式不对")],
    )  # fmt: skip
    def test_waste_code(self, world, code, part):
        field, sentence = world.refusal(world.draft(IN, DAY, "1", waste_code=code))
        assert field == "waste_code"
        assert sentence.startswith(part)

    def test_treatment_method(self, world):
        assert world.refusal(world.draft(EntryKind.SELF_TREATED, DAY, "1", after="X", method_code="Z9")) == (
            "method_code", "利用处置方式代码“Z9”不在代码表中，请填写如 R9、D10",
        )  # fmt: skip


class TestUnit:
    def test_unknown(self, world):
        assert world.refusal(world.draft(GENERATED, DAY, "1", unit_id=999_999)) == (
            "unit_id", "没有找到该单位，请核对单位编号",
        )  # fmt: skip

    def test_not_in_the_register(self, world):
        unit = world.register(supervised=False, name="公开资料单位")
        assert world.refusal(world.draft(GENERATED, DAY, "1", unit_id=unit.id)) == (
            "unit_id", "公开资料单位 未纳入监管名录，不能登记台账；请先在单位名录中纳入",
        )  # fmt: skip

    @pytest.mark.parametrize("status", [UnitStatus.CLOSED_CLEARED, UnitStatus.DEREGISTERED, UnitStatus.MERGED])
    def test_closed(self, world, status):
        unit = world.register(status=status, name="已关单位", clearance_document="清零文件")
        assert world.refusal(world.draft(GENERATED, DAY, "1", unit_id=unit.id)) == (
            "occurred_on", f"已关单位 在 2026-03-02 的状态为“{status.label}”，不能登记产生",
        )  # fmt: skip

    def test_facility_of_another(self, world):
        other = world.facility("TS001", unit=world.register())
        sentence = "贮存设施不属于该单位，请核对设施编码"
        assert world.refusal(world.draft(IN, DAY, "1", facility_id=other.id)) == ("facility_id", sentence)
        assert world.refusal(world.draft(IN, DAY, "1", facility_id=999_999)) == ("facility_id", sentence)

    def test_facility_to_move_to(self, world, batch):
        other = world.facility("TS001", unit=world.register())
        move = world.draft(EntryKind.MOVED_OUT, DAY, "1", batch="RK1", to_facility_id=other.id)
        assert world.refusal(move) == ("to_facility_id", "贮存设施不属于该单位，请核对设施编码")


class TestNumbers:
    def test_twice(self, world, batch):
        sentence = "记录编号 RK1 已经存在，同一单位内不得重复"
        assert world.refusal(world.draft(GENERATED, DAY, "1", entry_no="RK1")) == ("entry_no", sentence)

    def test_twice_in_one_posting(self, world):
        drafts = [world.draft(GENERATED, DAY, "1", entry_no="A"), world.draft(GENERATED, DAY, "1", entry_no="A")]
        assert world.refusal(*drafts) == ("entry_no", "记录编号 A 已经存在，同一单位内不得重复")

    def test_another_unit_may_use_it(self, world, batch):
        other = world.register()
        world.post_all(world.draft(GENERATED, DAY, "1", entry_no="RK1", unit_id=other.id))

    @pytest.mark.parametrize(
        "number", ["2026320700001", "202632070000012", "2026320700000A", "２０２６３２０７００００１２"]
    )
    def test_manifest_form(self, world, batch, number):
        draft = world.draft(EntryKind.ENTRUSTED, DAY, "1", after="RK1", national_no=number)
        assert world.refusal(draft) == ("national_no", f"国家联单编号应为 14 位数字，现为“{number}”")

    def test_manifest_on_another_kind(self, world):
        draft = world.draft(GENERATED, DAY, "1", national_no="20263207000001")
        assert world.refusal(draft) == ("national_no", "国家联单编号只填在委外记录上")

    @pytest.mark.parametrize("change", [{"occurred_on": days(2)}, {"receiver_name": "演示接收单位乙"}])
    def test_manifest_of_another_load(self, world, load, change):
        world.post(OUT, days(1), "3", batch="RK1", entry_no="CK2")
        draft = world.draft(EntryKind.ENTRUSTED, days(1), "3", after="CK2", national_no="20263207000001")
        field, sentence = world.refusal(replace(draft, **change))
        assert (field, sentence) == (
            "national_no",
            "国家联单编号 20263207000001 已用于另一次转移；一车一单，同一编号只能用于同日送往同一接收单位的各种废物",
        )

    def test_manifest_of_another_unit(self, world, load):
        other = world.register()
        world.post_all(world.draft(GENERATED, DAY, "3", entry_no="CS1", unit_id=other.id))
        draft = world.draft(
            EntryKind.ENTRUSTED, days(1), "3", after="CS1", national_no="20263207000001", unit_id=other.id
        )
        assert world.refusal(draft)[0] == "national_no"


class TestIntoStore:
    def test_no_facility(self, world):
        assert world.refusal(world.draft(IN, DAY, "1", facility_id=None)) == ("facility_id", "请填写贮存设施编码")

    def test_first_day_after_the_day(self, world):
        draft = world.draft(IN, DAY, "1", first_stored_on=days(1))
        assert world.refusal(draft) == ("first_stored_on", "首次入库日期不得晚于本次入库（结转）日期")

    def test_another_code_than_generated(self, world):
        world.post(GENERATED, DAY, "1", entry_no="CS1")
        draft = world.draft(IN, DAY, "1", after="CS1", waste_code=OIL)
        assert world.refusal(draft) == ("waste_code", f"废物代码与产生记录（{SALT}）不一致，请核对")

    def test_more_than_was_generated_only_warns(self, world):
        world.post(GENERATED, DAY, "5", entry_no="CS1")
        world.stored("4", DAY, after="CS1")
        refusals, warnings = check_many(world.session, [world.draft(IN, DAY, "2", after="CS1")], world.hand())
        assert refusals == []
        assert warnings[0].message == "入库量大于产生记录尚未入库的 1 吨，请核对"


class TestOut:
    def test_larger_than_the_batch(self, world, batch):
        draft = world.draft(OUT, days(1), "10.0001", batch="RK1")
        assert world.refusal(draft) == (
            "quantity", "数量 10.0001 吨大于该批次 2026-03-03 的在库量 10 吨，请核对数量或批次",
        )  # fmt: skip

    def test_back_dated_and_negative_later(self, world, batch):
        world.post(OUT, days(9), "8", batch="RK1")
        assert world.refusal(world.draft(OUT, days(2), "3", batch="RK1")) == (
            "quantity",
            "补记 2026-03-04 出库 3 吨后，2026-03-11 的库存将为负（-1 吨），最多可补记 2 吨；请核对后来的出库记录",
        )

    def test_before_the_batch_came(self, world, batch):
        draft = world.draft(OUT, days(-1), "1", batch="RK1")
        assert world.refusal(draft) == ("occurred_on", "日期早于批次入库日期 2026-03-02，请核对")

    def test_no_batch_and_no_code(self, world):
        assert world.refusal(world.draft(OUT, DAY, "1")) == (
            "batch_no", "请填写入库批次编码，或填写废物代码由系统按先进先出核销",
        )  # fmt: skip

    def test_unknown_batch(self, world):
        sentence = "没有找到批次“RK9”，请核对入库批次编码"
        assert world.refusal(world.draft(OUT, DAY, "1", batch="RK9")) == ("batch_no", sentence)

    def test_batch_of_another_unit(self, world, batch):
        other = world.register()
        assert world.refusal(world.draft(OUT, DAY, "1", batch="RK1", unit_id=other.id))[0] == "batch_no"

    def test_another_code_than_the_batch(self, world, batch):
        assert world.refusal(world.draft(OUT, DAY, "1", batch="RK1", waste_code=OIL)) == (
            "waste_code", f"废物代码 {OIL} 与批次 RK1 的 {SALT} 不一致，请核对",
        )  # fmt: skip

    def test_oldest_first_finds_too_little(self, world, batch):
        world.stored("2", days(5))
        assert world.refusal(world.draft(OUT, days(3), "11", waste_code=SALT)) == (
            "quantity", f"数量 11 吨大于 {SALT} 在 2026-03-05 可出库的 10 吨，请核对",
        )  # fmt: skip

    def test_what_rests_on_a_refused_record(self, world):
        drafts = [world.draft(IN, DAY, "0", entry_no="RK7"), world.draft(OUT, DAY, "1", batch="RK7")]
        refusals, _ = check_many(world.session, drafts, world.hand())
        assert [r.message for r in refusals] == ["数量必须大于 0 吨", "所依据的记录 RK7 本身有错误，请先改正那一条"]


class TestMovesAndCounts:
    def test_no_batch(self, world):
        for kind in (EntryKind.MOVED_OUT, EntryKind.STOCKTAKE_GAIN, EntryKind.STOCKTAKE_LOSS):
            assert world.refusal(world.draft(kind, DAY, "1")) == ("batch_no", "请填写入库批次编码")

    def test_into_the_same_facility(self, world, batch):
        sentence = "请填写移入的贮存设施，且不得与移出的相同"
        for target in (None, world.store.id):
            draft = world.draft(EntryKind.MOVED_OUT, DAY, "1", batch="RK1", to_facility_id=target)
            assert world.refusal(draft) == ("to_facility_id", sentence)

    def test_a_count_without_reason(self, world, batch):
        for kind in (EntryKind.STOCKTAKE_GAIN, EntryKind.STOCKTAKE_LOSS):
            draft = world.draft(kind, DAY, "1", batch="RK1", remark=" ")
            assert world.refusal(draft) == ("remark", "盘盈盘亏必须说明原因")


class TestPreceding:
    def test_missing(self, world):
        for kind, what in (
            (EntryKind.SELF_TREATED, "出库"),
            (EntryKind.RECEIVED, "委外"),
            (EntryKind.RETURNED, "委外"),
        ):
            draft = world.draft(kind, DAY, "1")
            assert world.refusal(draft) == ("predecessor_no", f"请填写所依据的{what}记录编号")

    def test_unknown(self, world):
        draft = world.draft(EntryKind.ENTRUSTED, DAY, "1", after="CK9")
        assert world.refusal(draft) == ("predecessor_no", "没有找到编号为“CK9”的出库记录，请核对编号")

    def test_of_another_kind(self, world, batch):
        assert world.refusal(world.draft(EntryKind.ENTRUSTED, DAY, "1", after="RK1"))[0] == "predecessor_no"

    def test_cancelled(self, world, load):
        from hwrisk.ledger.corrections import cancel

        cancel(world.session, load, reason="重复", hand=world.hand())
        sentence = "委外记录 WW1 已撤销，不能再登记后续环节"
        assert world.refusal(world.draft(EntryKind.RECEIVED, days(2), "4", after="WW1")) == ("predecessor_no", sentence)

    def test_earlier(self, world, load):
        draft = world.draft(EntryKind.RECEIVED, DAY, "4", after="WW1")
        assert world.refusal(draft) == ("occurred_on", "日期早于所依据的委外记录（2026-03-03），请核对日期")


class TestTreatedAndEntrusted:
    @pytest.fixture(autouse=True)
    def out(self, world, batch):
        return world.post(OUT, days(1), "4", batch="RK1", entry_no="CK1")

    def test_no_method(self, world):
        draft = world.draft(EntryKind.SELF_TREATED, days(1), "4", after="CK1", method_code=None)
        assert world.refusal(draft) == ("method_code", "请填写利用处置方式代码")

    def test_done_before_it_began(self, world):
        draft = world.draft(EntryKind.SELF_TREATED, days(2), "4", after="CK1", completed_on=days(1))
        assert world.refusal(draft) == ("completed_on", "完毕时间不得早于开始日期")

    def test_no_receiver(self, world):
        draft = world.draft(EntryKind.ENTRUSTED, days(1), "4", after="CK1", receiver_name=" ")
        assert world.refusal(draft) == ("receiver_name", "请填写接收单位")
        draft = world.draft(EntryKind.ENTRUSTED, days(1), "4", after="CK1", receiver_kind=None)
        assert world.refusal(draft) == ("receiver_kind", "请填写接收单位类型")

    def test_more_than_left(self, world):
        world.post(EntryKind.SELF_TREATED, days(1), "1.5", after="CK1")
        draft = world.draft(EntryKind.ENTRUSTED, days(1), "2.6", after="CK1", receiver_kind=ReceiverKind.EXEMPT)
        assert world.refusal(draft) == ("quantity", "数量 2.6 吨大于所依据记录尚未登记去向的 2.5 吨，请核对")

    def test_what_was_stored_cannot_be_entrusted_past_the_store(self, world):
        world.post(GENERATED, DAY, "5", entry_no="CS1")
        world.stored("4", DAY, after="CS1")
        draft = world.draft(EntryKind.ENTRUSTED, days(1), "2", after="CS1")
        assert world.refusal(draft) == ("quantity", "数量 2 吨大于所依据记录尚未登记去向的 1 吨，请核对")


class TestReceivedAndReturned:
    def test_received_twice(self, world, load):
        world.post(EntryKind.RECEIVED, days(2), "4", after="WW1")
        draft = world.draft(EntryKind.RECEIVED, days(3), "4", after="WW1")
        assert world.refusal(draft) == ("predecessor_no", "委外记录 WW1 已登记接收，不能重复")

    def test_received_beside_returned(self, world, load):
        world.post(EntryKind.RETURNED, days(2), "1", after="WW1")
        draft = world.draft(EntryKind.RECEIVED, days(3), "3.1", after="WW1")
        assert world.refusal(draft) == ("quantity", "接收量与已退回的 1 吨之和超过委外量 4 吨")

    def test_returned_more_than_is_out(self, world, load):
        world.post(EntryKind.RETURNED, days(2), "1", after="WW1")
        draft = world.draft(EntryKind.RETURNED, days(3), "3.1", after="WW1")
        assert world.refusal(draft) == ("quantity", "退回量 3.1 吨大于尚未接收或退回的 3 吨")

    def test_returned_after_it_was_received(self, world, load):
        world.post(EntryKind.RECEIVED, days(2), "4", after="WW1")
        draft = world.draft(EntryKind.RETURNED, days(3), "1", after="WW1")
        assert world.refusal(draft) == ("quantity", "退回量 1 吨大于尚未接收或退回的 0 吨")

    def test_returned_without_ever_having_been_stored(self, world):
        world.post(GENERATED, DAY, "5", entry_no="CS1")
        world.post(EntryKind.ENTRUSTED, days(1), "5", after="CS1", entry_no="WW2")
        draft = world.draft(EntryKind.RETURNED, days(2), "5", after="WW2")
        assert world.refusal(draft) == ("predecessor_no", "该委外未经贮存，退回的废物请另行登记入库")


def test_a_record_with_a_number_taken_meanwhile_is_refused_and_not_an_error(world):
    """The number of a part, given by the enterprise to something else."""
    world.stored("1", DAY)
    world.stored("1", DAY)
    world.post(GENERATED, DAY, "1", entry_no="CK1-2")
    draft = world.draft(OUT, days(1), "2", waste_code=SALT, entry_no="CK1")
    from hwrisk.errors import RuleViolation
    from hwrisk.ledger.posting import post

    with pytest.raises(RuleViolation, match="记录编号 CK1-2 已被占用，请自行填写编号"):
        post(world.session, draft, world.hand())


def test_all_refusals_of_a_posting_are_told_and_nothing_is_kept(world, batch):
    drafts = [
        world.draft(OUT, days(1), "1", batch="RK1"),
        world.draft(OUT, days(1), "99", batch="RK1"),
        world.draft(GENERATED, DAY, "1", waste_code="1"),
    ]
    refusals, _ = check_many(world.session, drafts, world.hand())
    assert [(r.place, r.field) for r in refusals] == [(1, "quantity"), (2, "waste_code")]
    assert world.refusal(*drafts)[0] == "quantity"
    assert world.remaining(batch) == Decimal(10)
