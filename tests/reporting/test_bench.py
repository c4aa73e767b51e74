import pytest

from hwrisk.errors import HwriskError
from hwrisk.reporting import bench
from hwrisk.reporting.bench import run_benchmarks, sample_sheet
from hwrisk.reporting.xlsx import write_xlsx


def test_each_benchmark_says_medians_and_that_the_content_is_the_same(monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 1)
    pdf, excel = run_benchmarks(20)
    assert pdf.startswith("台账 PDF 20 行 × 12 列：")
    assert "WeasyPrint" in pdf
    assert pdf.endswith("内容逐行一致")
    assert excel.startswith("Excel 20 行 × 15 列：")
    assert excel.endswith("内容逐格一致")


def test_files_that_differ_are_an_error(tmp_path):
    one, other = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write_xlsx(sample_sheet(30, wide=True), one)
    changed = sample_sheet(30, wide=True)
    changed.rows[20] = ("x", *changed.rows[20][1:])
    write_xlsx(changed, other)
    with pytest.raises(HwriskError, match="不一致"):
        bench._same_workbook((one, other))
