"""A terminal that somebody provisions, and the command run on it."""

from __future__ import annotations

import argparse
import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from pos_terminal.cli.provision import add_arguments, run
from pos_terminal.core.people import pin_is_trivial
from pos_terminal.core.words import Words
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.texts import Language, render


def new_pin(number: str = "101") -> str:
    """A PIN that is acceptable and nobody's default."""
    while pin_is_trivial(pin := f"{secrets.randbelow(1_000_000):06d}", number):
        pass
    return pin


def person(number: str, role: str, **more: object) -> dict[str, Any]:
    return {"number": number, "name": "某人", "role": role, "pin": new_pin(number), **more}


def new_component() -> str:
    return secrets.token_hex(16)


class Asked:
    """A console whose answers are in a script, in order."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.said: list[str] = []

    def ask(self, question: Words) -> str:
        self.tell(question)
        return self.answers.pop(0)

    secret = ask

    def tell(self, words: Words) -> None:
        self.said.append(render(words, Language.EN))


class Machine:
    """Its configuration and its data in a folder; what the last command said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "terminal.toml"
        self.data = folder / "data"
        self._capsys = capsys
        self.out = self.err = ""

    def run(self, *words: str, console: Asked | None = None) -> int:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        status = run(parser.parse_args(["--config", str(self.file), *words]), console)
        self.out, self.err = self._capsys.readouterr()
        return status

    def take_out(self) -> str:
        """What was printed since the last command."""
        return self._capsys.readouterr().out

    def give(self, spec: object, *words: str) -> int:
        file = self.file.with_name("spec.json")
        file.write_text(json.dumps(spec), "utf-8")
        return self.run("--from", str(file), *words)

    def audit(self) -> list[tuple[str, dict[str, Any]]]:
        reader = open_reader(self.data / "ledger.db")
        rows = reader.execute("SELECT kind, facts FROM audit ORDER BY seq").fetchall()
        reader.close()
        return [(row["kind"], json.loads(row["facts"])) for row in rows]


def a_spec(**changes: object) -> dict[str, Any]:
    """What a file for the command says."""
    return {
        "people": [
            person("101", "clerk", must_change=False),
            person("201", "supervisor", must_change=False),
        ],
        "tmk_components": [new_component(), new_component()],
        "key_exchange": "003",
        "batch": "000017",
    } | changes
