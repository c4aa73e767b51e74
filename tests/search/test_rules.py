import re

import pytest

from hwrisk.search.rules import MAX_TEXT, normal, plain, question_of, runs, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("废矿物油", ["废矿物油"]),
        ("HW08 废矿物油", ["hw08", "废矿物油"]),
        ("900-041-49", ["90004149"]),
        ("９００－０４１－４９", ["90004149"]),
        ("3号炉（东区）", ["3", "号炉", "东区"]),
        ("苏州-徐州", ["苏州", "徐州"]),
        ("𬭸酸", ["𬭸酸"]),
        ("%_'\"* -- ;", []),
        ("\x00a\x00b", ["a", "b"]),
        ("", []),
    ],
)
def test_runs(text, expected):
    assert runs(text) == expected


def test_every_token_is_left_whole_by_both_parsers():
    found = tokens("连云港𬭸盐 HW08", ["900-041-49", "Ünïcode ß"]).split()
    assert all(re.fullmatch("[a-z][a-z0-9]*", token) for token in found)


def test_pairs_overlap_and_single_characters_stand_beside():
    assert tokens("废油x", []) == "x5e9fx6cb9 z p66p65 p65p69 p69p79 p79p6f p6fp75 z p66p79 z s78 s5e9f s6cb9"


def test_a_question_of_letters_asks_in_pinyin_too():
    assert question_of("LYG").groups == ((("x6cx79", "x79x67"), ("p6cp79", "p79p67")),)
    assert question_of("hw08").groups == ((("x68x77", "x77x30", "x30x38"),),)
    assert question_of("油").groups == ((("s6cb9",),),)


@pytest.mark.parametrize("text", ["", " ", "%", "'; --", "🙂"])
def test_nothing_to_look_for(text):
    assert question_of(text).groups == ()


def test_long_texts_and_questions_are_cut():
    assert len(question_of("废 油 " * 1000).groups) <= 8
    assert len(tokens("a" * MAX_TEXT * 3, []).split()) < 2 * MAX_TEXT


def test_plain():
    assert plain("ＡＢ-1 油（罐）") == "ab1油罐"
    assert normal("A-B") == "ab"
