"""What pages and reports of the compliance rate say of it, word for word alike."""

from __future__ import annotations

DEFINITION = (
    "口径：达标率＝达标单位数÷已评单位数。只计生态环境部门组织的评估，企业自评不计；一个单位一年只计一次，"
    "以最高层级的评估为准（省级＞市级＞县级），同一层级以最近一次为准；评估当日持有经营许可证的按经营单位计，"
    "其余按产废单位计，合计为两类单位数相加，不作平均。"
)
DEFINITION_RECHECK = (
    "首次为该次评估的结论；整改后为截至复查期限由同级或上级复查的结论，未复查的同首次。"
    "合格率把基本达标按权数折算（待核），与达标率同时列出。"
)
DEFINITION_COVERAGE = (
    "覆盖率＝应评单位中已评的÷应评单位数；应评单位为经营单位、重点监管单位、上年不达标单位和抽查单位。"
    "不具备评估条件的写明原因后不计入。覆盖率不足 100 % 的，达标率为暂定值，并列出未评单位。"
)
SCHEME_NOTE = "评估方案为本系统自建（非官方，待核）；管辖单位、行政区划和单位类别按评估当日认定。"
NOTES = (DEFINITION, DEFINITION_RECHECK, DEFINITION_COVERAGE, SCHEME_NOTE)
