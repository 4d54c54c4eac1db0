"""The words for what is wrong with a line of a file."""

from __future__ import annotations

from pos_terminal.core.words import Words
from pos_terminal.texts import Language, render, technician
from pos_terminal.wire.feed.problem import Problem


def reason(problem: Problem) -> str:
    """For programs and technicians."""
    if problem.words is None:
        return problem.reason
    return "; ".join(map(technician, (problem.words, *problem.more)))


def words(problem: Problem) -> Words | str:
    """For a screen: the first of it."""
    return problem.reason if problem.words is None else problem.words


def in_both(problem: Problem) -> tuple[str, str]:
    """In Chinese and in English."""
    if problem.words is None:
        return problem.reason, problem.reason
    zh, en = (
        "; ".join(render(one, language) for one in (problem.words, *problem.more))
        for language in (Language.ZH_CN, Language.EN)
    )
    return zh, en
