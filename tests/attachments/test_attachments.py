import hashlib
import io
import os
import stat
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hwrisk import audit
from hwrisk.attachments import (
    Attachment,
    Owner,
    attach,
    attachments_of,
    fetch,
    file_check,
    get_attachment,
    remove,
    retention,
    rules,
    store,
)
from hwrisk.attachments.files import INCOMING, place_of
from hwrisk.attachments.operations import MAX_PER_OWNER
from hwrisk.attachments.retention import KEEP_REMOVED_DAYS
from hwrisk.clock import now
from hwrisk.errors import BadFile, DatabaseBusy, NotFound, RuleViolation
from hwrisk.security.roles import Role
from hwrisk.security.viewer import Viewer
from tests.attachments import samples

pytestmark = pytest.mark.db
ACTOR = Viewer.system()
UNIT_OWNER = Owner(
    kind="unit",
    label="单位",
    visible=lambda session, user, object_id: user.is_city_wide or int(object_id) in user.units,
    link=lambda session, object_id: f"/units/{object_id}",
)
LIMIT = 1024 * 1024


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "attachments"


def put(directory, content=samples.PDF, name="处置合同.pdf", **options):
    return store(io.BytesIO(content), file_name=name, directory=directory, max_bytes=LIMIT, **options)


def attached(session, directory, content=samples.PDF, **fields):
    values = {"owner_kind": "unit", "owner_id": 7, "actor": ACTOR} | fields
    return attach(session, put(directory, content), **values)


def files(directory):
    return sorted(path.name for path in directory.rglob("*") if path.is_file() and path.name != ".lock")


def make_old(path, hours=25):
    at = (now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (at, at))


class TestStore:
    def test_lies_under_its_sha256_for_the_owner_alone(self, directory):
        stored = put(directory)
        place = place_of(directory, hashlib.sha256(samples.PDF).hexdigest())
        assert (stored.size, stored.media, stored.file_name) == (len(samples.PDF), rules.PDF, "处置合同.pdf")
        assert place.read_bytes() == samples.PDF
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert files(directory) == [stored.sha256]

    def test_the_same_content_is_kept_once(self, directory):
        assert put(directory).sha256 == put(directory, name="另一名字.pdf").sha256
        assert len(files(directory)) == 1

    def test_a_damaged_copy_is_made_good(self, directory):
        place = place_of(directory, put(directory).sha256)
        place.write_bytes(b"short")
        put(directory)
        assert place.read_bytes() == samples.PDF

    @pytest.mark.parametrize(
        ("content", "message"),
        [(b"", "空文件"), (samples.PDF + b"x" * LIMIT, "1 MB 的上限"), (b"MZ\x90", "不支持")],
    )
    def test_what_is_refused_leaves_nothing(self, directory, content, message):
        with pytest.raises(BadFile, match=message):
            put(directory, content)
        assert files(directory) == []

    def test_exactly_the_limit_is_taken(self, directory):
        content = samples.PDF.ljust(LIMIT, b" ")
        assert put(directory, content).size == LIMIT

    def test_a_place_that_wants_pictures_takes_no_document(self, directory):
        with pytest.raises(BadFile, match=r"只接收 .jpg、.png"):
            put(directory, allowed=(rules.JPEG, rules.PNG))

    def test_a_folder_that_cannot_be_written_says_so(self, tmp_path):
        (tmp_path / "attachments").write_text("a file stands where the folder should be")
        with pytest.raises(DatabaseBusy, match="附件目录"):
            put(tmp_path / "attachments")

    def test_an_upload_that_breaks_off_leaves_nothing(self, directory):
        class Broken(io.BytesIO):
            def read(self, size=-1):
                raise ConnectionResetError

        with pytest.raises(DatabaseBusy):
            store(Broken(), file_name="a.pdf", directory=directory, max_bytes=LIMIT)
        assert files(directory) == []


class TestAttach:
    def test_listed_with_its_owner_and_in_the_audit_trail(self, session, directory):
        first = attached(session, directory, note="原件")
        second = attached(session, directory, samples.PNG)
        attached(session, directory, owner_id=8)
        assert attachments_of(session, "unit", 7) == [first, second]
        assert (first.uploader_label, first.media_type, first.note) == ("系统", "application/pdf", "原件")

    def test_there_is_an_end_to_them(self, session, directory):
        stored = put(directory)
        for _ in range(MAX_PER_OWNER):
            attach(session, stored, owner_kind="unit", owner_id=7, actor=ACTOR)
        with pytest.raises(RuleViolation, match="上限"):
            attach(session, stored, owner_kind="unit", owner_id=7, actor=ACTOR)

    def test_who_did_what_is_recorded(self, database, directory):
        with database.unit_of_work() as session:
            attachment = attached(session, directory)
        with database.unit_of_work() as session:
            gone = session.get_one(Attachment, attachment.id)
            remove(session, gone, actor=ACTOR)
            remove(session, gone, actor=ACTOR)
        with database.session() as session:
            mine = select(audit.AuditEntry.action).where(
                audit.AuditEntry.object_id == "7", audit.AuditEntry.action.startswith("attachment.")
            )
            assert session.scalars(mine.order_by(audit.AuditEntry.id)).all() == [
                "attachment.add",
                "attachment.remove",
            ]


class TestFetch:
    def viewer(self, *units):
        return Viewer(account_id=1, label="演示-张三", role=Role.ENTERPRISE, units=frozenset(units))

    def fetch(self, session, directory, public_id, user=ACTOR, owners=(UNIT_OWNER,), **options):
        return fetch(session, public_id, user=user, owners=owners, directory=directory, **options)

    def test_comes_with_headers_that_keep_a_browser_from_running_it(self, session, directory):
        download = self.fetch(session, directory, attached(session, directory).public_id)
        assert download.path.read_bytes() == samples.PDF
        assert download.headers["X-Content-Type-Options"] == "nosniff"
        assert download.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        disposition = download.headers["Content-Disposition"]
        assert (
            disposition
            == "attachment; filename=\"____.pdf\"; filename*=UTF-8''%E5%A4%84%E7%BD%AE%E5%90%88%E5%90%8C.pdf"
        )
        assert all(value.isascii() for value in download.headers.values())

    def test_pictures_may_be_shown_and_other_files_not(self, session, directory):
        picture, text = attached(session, directory, samples.PNG), attached(session, directory, samples.TEXT)
        shown = self.fetch(session, directory, picture.public_id, inline=True)
        saved = self.fetch(session, directory, text.public_id, inline=True)
        assert shown.headers["Content-Disposition"].startswith("inline")
        assert saved.headers["Content-Disposition"].startswith("attachment")

    @pytest.mark.parametrize(("units", "owners"), [((8,), (UNIT_OWNER,)), ((), (UNIT_OWNER,)), ((7,), ())])
    def test_out_of_sight_is_as_if_it_were_not_there(self, session, directory, units, owners):
        public_id = attached(session, directory).public_id
        with pytest.raises(NotFound) as refused:
            self.fetch(session, directory, public_id, user=self.viewer(*units), owners=owners)
        with pytest.raises(NotFound) as missing:
            self.fetch(session, directory, uuid.uuid4(), user=self.viewer(*units), owners=owners)
        assert refused.value.message == missing.value.message

    def test_whoever_sees_the_owner_sees_the_file(self, session, directory):
        attachment = attached(session, directory)
        assert get_attachment(session, attachment.public_id, user=self.viewer(7), owners=[UNIT_OWNER]) is attachment

    def test_removed_is_gone_from_sight(self, session, directory):
        attachment = attached(session, directory)
        remove(session, attachment, actor=ACTOR)
        assert attachments_of(session, "unit", 7) == []
        with pytest.raises(NotFound):
            self.fetch(session, directory, attachment.public_id)

    def test_a_lost_or_cut_file_says_so(self, session, directory):
        attachment = attached(session, directory)
        place = place_of(directory, attachment.sha256)
        place.write_bytes(b"%PDF-")
        with pytest.raises(NotFound, match="缺失或已损坏"):
            self.fetch(session, directory, attachment.public_id)
        place.unlink()
        with pytest.raises(NotFound, match="缺失或已损坏"):
            self.fetch(session, directory, attachment.public_id)


class TestRetention:
    AS_OF = date(2026, 11, 23)

    def test_old_files_of_nobody_are_swept_and_young_ones_stay(self, session, directory):
        kept = attached(session, directory)
        old, young = put(directory, samples.PNG), put(directory, samples.JPEG)
        half = directory / INCOMING / "half"
        half.write_bytes(b"x")
        for path in (place_of(directory, kept.sha256), place_of(directory, old.sha256), half):
            make_old(path)
        make_old(place_of(directory, young.sha256), hours=23)
        assert retention(directory)(session, as_of=self.AS_OF) == 2
        assert files(directory) == sorted([kept.sha256, young.sha256])

    def test_stored_again_makes_a_file_young_again(self, session, directory):
        make_old(place_of(directory, put(directory).sha256))
        # The clock of the tests may stand still; the touch is by the machine's.
        place = place_of(directory, put(directory).sha256)
        at = now().timestamp()
        os.utime(place, (at, at))
        assert retention(directory)(session, as_of=self.AS_OF) == 0

    def test_a_removed_attachment_goes_after_its_days_row_first_then_file(self, session, directory):
        gone, kept = attached(session, directory), attached(session, directory, samples.PNG)
        last = now() - timedelta(days=KEEP_REMOVED_DAYS)
        remove(session, gone, actor=ACTOR, at=last - timedelta(days=1))
        remove(session, kept, actor=ACTOR, at=last)
        for attachment in (gone, kept):
            make_old(place_of(directory, attachment.sha256))
        as_of = now().date()
        assert retention(directory)(session, as_of=as_of) == 1
        assert session.scalars(select(Attachment.sha256)).all() == [kept.sha256]
        assert len(files(directory)) == 2
        assert retention(directory)(session, as_of=as_of) == 1
        assert files(directory) == [kept.sha256]

    def test_no_folder_yet(self, session, directory):
        assert retention(directory)(session, as_of=self.AS_OF) == 0


def test_the_self_check_names_lost_and_altered_files(session, directory):
    check = file_check(directory)
    first, second = attached(session, directory), attached(session, directory, samples.PNG)
    assert check.run(session) == []
    place = place_of(directory, second.sha256)
    place.write_bytes(b"x" * second.size)
    place_of(directory, first.sha256).unlink()
    problems = check.run(session)
    assert len(problems) == 2
    assert all("处置合同" in problem for problem in problems)
