"""The house: every room in the list, every page under a permission, every long file noticed."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from hwrisk import app as application
from hwrisk.room import Room
from hwrisk.security import Permission

PACKAGE = Path(application.__file__).parent
LONGEST = 400
"""Lines; a file past about 300 wants to be two."""


def test_every_room_is_in_the_list() -> None:
    found = {path.parent.name for path in PACKAGE.glob("*/room.py")}
    assert {room.name for room in application.ROOMS} == found


@pytest.mark.parametrize("room", application.ROOMS, ids=lambda room: room.name)
def test_a_room_names_itself_as_its_folder(room: Room) -> None:
    module = importlib.import_module(f"hwrisk.{room.name}.room")
    assert module.ROOM is room
    assert room.label


def test_names_offered_to_the_services_are_unique() -> None:
    for field, key in (("reports", "id"), ("import_kinds", "kind"), ("jobs", "name"), ("checks", "name")):
        names = [getattr(item, key) for room in application.ROOMS for item in getattr(room, field)]
        assert len(names) == len(set(names)), field


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_permission_is_asked_for_or_shown(app) -> None:
    asked = {p for view in app.view_functions.values() for p in getattr(view, "required_permissions", frozenset())}
    # A permission that no route asks for yet is a promise nobody keeps.
    unused = {p for p in Permission if p not in asked}
    assert unused <= {Permission.PARK_EDIT, Permission.CATALOGUE_EDIT}
