"""Answers kept for a reading session: asked once, never in a session that writes, forgotten when told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from hwrisk.db.once import keep_answers, once


class Asked:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


class TestOnce:
    def test_the_same_question_is_asked_once(self):
        session, asked = Session(), Asked()
        keep_answers(session)
        assert [once(session, ("units", 1), asked) for _ in range(3)] == [1, 1, 1]
        assert once(session, ("units", 2), asked) == 2

    def test_an_answer_of_none_is_kept_too(self):
        session, times = Session(), []
        keep_answers(session)
        for _ in range(2):
            assert once(session, "draft", lambda: times.append(1)) is None
        assert times == [1]

    def test_a_session_that_was_not_told_asks_anew(self):
        session, asked = Session(), Asked()
        assert [once(session, "units", asked) for _ in range(2)] == [1, 2]

    def test_answers_are_not_shared_between_sessions(self):
        one, other, asked = Session(), Session(), Asked()
        keep_answers(one)
        keep_answers(other)
        assert [once(one, "units", asked), once(other, "units", asked)] == [1, 2]

    def test_told_again_it_forgets(self):
        session, asked = Session(), Asked()
        keep_answers(session)
        once(session, "units", asked)
        keep_answers(session)
        assert once(session, "units", asked) == 2
