"""The benchmark of the look-up on a small scale: it asks, it compares, it tells."""

from __future__ import annotations

from hwrisk.emergency.bench import QUESTIONS, run_benchmarks


def test_every_question_is_measured_and_the_scan_agrees(monkeypatch) -> None:
    monkeypatch.setattr("hwrisk.emergency.bench.QUESTIONS", (*QUESTIONS[:5], QUESTIONS[6]))
    lines = list(run_benchmarks(2_000))
    assert len(lines) == 7
    assert all("毫秒" in line for line in lines)
    assert "逐库数量一致" in lines[-1]
