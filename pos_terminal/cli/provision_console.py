"""Asking people at a terminal: what is typed in secret is not shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from getpass import getpass
from typing import Protocol

from pos_terminal.core.words import Failure, Words, say
from pos_terminal.texts import Language, render, technician


class Console(Protocol):
    """Somebody to ask."""

    def ask(self, question: Words) -> str:
        """One line, blanks at its ends taken off."""

    def secret(self, question: Words) -> str:
        """One line that is not shown while it is typed."""

    def tell(self, words: Words) -> None: ...


class TtyConsole:
    """The terminal that the command was started from. Questions go to standard error.

    Failure ``provision.no_terminal`` where it ends in the middle of a question.
    """

    def __init__(self, language: Language) -> None:
        """Failure ``provision.no_terminal`` where nobody sits at standard input."""
        if not sys.stdin.isatty():
            raise Failure("provision.no_terminal")
        self._language = language

    def ask(self, question: Words) -> str:
        print(render(question, self._language), end=" ", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise Failure("provision.no_terminal")
        return line.strip()

    def secret(self, question: Words) -> str:
        try:
            return getpass(render(question, self._language) + " ").strip()
        except EOFError:
            raise Failure("provision.no_terminal") from None

    def tell(self, words: Words) -> None:
        """And the technician's line, where there is one: it says what would be taken."""
        print(render(words, self._language), file=sys.stderr)
        advice = technician(words)
        if advice != render(words, Language.EN):
            print(advice, file=sys.stderr)


def ask_until(console: Console, ask: Callable[[], str], check: Callable[[str], None]) -> str:
    """The first answer that ``check`` takes; each refusal is told before asking again."""
    while True:
        answer = ask()
        try:
            check(answer)
        except Failure as failure:
            console.tell(failure.words)
        else:
            return answer


def ask_twice(console: Console, question: Words, check: Callable[[str], None]) -> str:
    """A secret that somebody chooses: checked, then typed again."""
    while True:
        answer = ask_until(console, lambda: console.secret(question), check)
        if console.secret(say("provision.ask_again")) == answer:
            return answer
        console.tell(say("provision.differs"))


def confirm(console: Console, question: Words) -> bool:
    """Whether the answer begins with y, Y or 是."""
    return console.ask(question)[:1] in ("y", "Y", "是")
