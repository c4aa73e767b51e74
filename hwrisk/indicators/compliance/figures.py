"""The two figures that stand beside the compliance rate."""

from __future__ import annotations

from hwrisk.indicators.compliance.reading import ComplianceReading
from hwrisk.web.records import Figure


def qualified_figure(reading: ComplianceReading) -> Figure:
    """Return the 合格率 as a figure; it has no target of its own."""
    tally = reading.total.tally(reading.headline)
    made_of = f"（达标 {tally.met} ＋ 基本达标 {tally.basic} × {reading.weight_text}）/ {tally.assessed} 家 · 权数待核"
    if reading.qualified_percent is None:
        return Figure(value=reading.text, of=made_of, unverified=True)
    share = tally.weighted(reading.weight)
    return Figure(value=reading.qualified_percent, unit="%", of=made_of, share=share, unverified=True)


def coverage_figure(reading: ComplianceReading) -> Figure:
    """Return the 覆盖率 as a figure: assessed units of those that must be; below the whole the rate is provisional."""
    coverage = reading.coverage
    left = f" · 另 {coverage.excluded} 家不具备评估条件" if coverage.excluded else ""
    made_of = f"已评 {coverage.covered} / 应评 {coverage.to_assess} 家{left}"
    if reading.total.covered is None:
        return Figure(value="无应评单位", of=made_of)
    return Figure(
        value=reading.total.covered,
        unit="%",
        of=made_of + (f" · 未评 {coverage.missing} 家" if coverage.missing else ""),
        state="warn" if coverage.missing else "good",
        share=coverage.share,
    )
