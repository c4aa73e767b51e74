"""Another scale is refused where a city stands; what is taken away is the demonstration and nothing else."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine


class TestScale:
    def test_the_one_it_has_changes_nothing(self, demo: CommandLine) -> None:
        outer = CommandLine(demo.home.parent)
        demo.home.rename(outer.home / "demo")
        said = outer("demo", "--scale", "0.05").stdout
        assert "一次性密码" not in said

    def test_another_one_is_refused(self, demo: CommandLine) -> None:
        outer = CommandLine(demo.home.parent)
        demo.home.rename(outer.home / "demo")
        said = outer("demo", "--scale", "2", code=2).stderr
        assert said == "演示库已按规模 0.05 建成；要换规模，请先执行 hwrisk demo --remove 清除\n"

    @pytest.mark.parametrize("words", [("--scale", "0"), ("--scale", "51"), ("--scale", "x")])
    def test_an_impossible_one_is_refused(self, fresh: CommandLine, words: tuple[str, ...]) -> None:
        assert "--scale" in fresh.refused("demo", *words)

    def test_it_belongs_to_the_demonstration(self, fresh: CommandLine) -> None:
        assert fresh.refused("up", "--scale", "2") == "--scale 只用于演示，请与 --demo 一起使用"


class TestRemoval:
    def test_everything_of_it_goes_and_may_come_again(self, demo: CommandLine) -> None:
        outer = CommandLine(demo.home.parent)
        demo.home.rename(outer.home / "demo")
        assert outer("demo", "--remove", "--yes").stdout == "演示数据已清除\n"
        left = {path.name for path in (outer.home / "demo").iterdir()}
        assert not {name for name in left if name.startswith("hwrisk.db") and not name.endswith(".lock")}
        assert "exports" not in left
        assert "没有演示库" in outer.refused("demo", "--remove", "--yes")

    def test_who_does_not_agree_keeps_it(self, demo: CommandLine) -> None:
        outer = CommandLine(demo.home.parent)
        demo.home.rename(outer.home / "demo")
        assert "没有清除" in outer("demo", "--remove", answer="n\n").stdout
        assert (outer.home / "demo" / "hwrisk.db").is_file()

    def test_what_is_not_marked_stays(self, fresh: CommandLine) -> None:
        outer = CommandLine(fresh.home.parent)
        fresh.home.rename(outer.home / "demo")
        assert "没有“演示”标记" in outer.refused("demo", "--remove", "--yes")
        assert (outer.home / "demo" / "hwrisk.db").is_file()

    def test_not_together_with_a_scale(self, demo: CommandLine) -> None:
        assert demo.refused("demo", "--remove", "--scale", "2") == "--remove 与 --scale 不能同时使用"
