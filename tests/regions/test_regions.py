from datetime import date

from sqlalchemy import select

from hwrisk.regions import queries
from hwrisk.regions.models import RegionKind, RegionVersion
from hwrisk.regions.seeding import seed

DAY = date(2026, 11, 23)
HEAD = "code,name,kind,level,parent_code,valid_from,valid_until,source,trust,note\n"


def write(folder, *lines):
    (folder / "regions").mkdir(exist_ok=True)
    (folder / "regions" / "regions.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


class TestSeeding:
    def test_both_partitions_are_whole(self, session):
        seed(session)
        admin = queries.regions(session, RegionKind.ADMIN, as_of=DAY)
        offices = queries.regions(session, RegionKind.OFFICE, as_of=DAY)
        assert [row.code for row in admin] == ["320700", "320703", "320706", "320707", "320722", "320723", "320724"]
        assert (offices[0].code, len(offices)) == ("LYG", 11)
        assert {"LYG-KFQ", "LYG-GXQ", "LYG-XW", "LYG-YTS"} <= {row.code for row in offices}

    def test_seeding_again_changes_nothing(self, session):
        assert seed(session) == 18
        assert seed(session) == 0

    def test_a_new_name_from_a_day_on_keeps_the_old_one_before(self, session, tmp_path):
        seed(session, folder=write(tmp_path, "A,旧名,office,zone,,2015-01-01,,s,unverified,"))
        seed(
            session,
            folder=write(
                tmp_path,
                "A,旧名,office,zone,,2015-01-01,2026-01-01,s,unverified,",
                "A,新名,office,zone,,2026-01-01,,s,unverified,",
            ),
        )
        assert queries.region_names(session, as_of=date(2025, 12, 31)) == {"A": "旧名"}
        assert queries.region_names(session, as_of=date(2026, 1, 1)) == {"A": "新名"}

    def test_a_corrected_row_supersedes_and_does_not_overwrite(self, session, tmp_path):
        seed(session, folder=write(tmp_path, "A,错名,office,zone,,2015-01-01,,s,unverified,"))
        seed(session, folder=write(tmp_path, "A,正名,office,zone,,2015-01-01,,s,unverified,"))
        rows = session.scalars(select(RegionVersion).order_by(RegionVersion.id)).all()
        assert [(row.name, row.superseded_at is None) for row in rows] == [("错名", False), ("正名", True)]
        assert [row.name for row in queries.region_history(session)] == ["正名"]
