"""Verbs reach the device that has them; what can't be done is said, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench.switchboard import Switchboard
from hw_sim.device import BenchError, Place, Verb


class Toy:
    """A device that remembers what was asked of it."""

    def __init__(self, name: str, *verbs: str) -> None:
        self.name = name
        self.asked: list[tuple[str, list[str]]] = []
        self._verbs = {verb: self._verb(verb) for verb in verbs}

    def _verb(self, verb: str) -> Verb:
        async def do(words: list[str]) -> object:
            self.asked.append((verb, words))
            if words == ["impossible"]:
                raise BenchError("can't be done: 不行")
            return {"did": verb}

        return do

    async def start(self, place: Place) -> None: ...

    async def stop(self) -> None: ...

    def endpoints(self) -> dict[str, object]:
        return {}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        return self._verbs


def ask(devices: list[Toy], *lines: bytes) -> list[Any]:
    async def run() -> list[Any]:
        with tempfile.TemporaryDirectory(prefix="hwsim-") as folder:
            path = Path(folder, "bench.sock")
            switchboard = Switchboard(devices)
            await switchboard.open(path)
            reader, writer = await asyncio.open_unix_connection(path, limit=1 << 22)
            answers = []
            for line in lines:
                writer.write(line)
                answers.append(await answer(reader))
            writer.close()
            await switchboard.close()
            return answers

    return asyncio.run(run())


async def answer(reader: asyncio.StreamReader) -> Any:
    """The next line, or None where the other side closed."""
    async with asyncio.timeout(5):
        try:
            return json.loads(await reader.readline() or b"null")
        except ConnectionResetError:
            return None


def request(verb: str, *words: str) -> bytes:
    return json.dumps({"verb": verb, "words": words}).encode() + b"\n"


def test_a_verb_reaches_its_device() -> None:
    inputs, printer = Toy("inputs", "press"), Toy("printer", "receipts")
    answers = ask([inputs, printer], request("press", "1", "enter"), request("receipts"))
    assert answers == [
        {"ok": True, "answer": {"did": "press"}},
        {"ok": True, "answer": {"did": "receipts"}},
    ]
    assert inputs.asked == [("press", ["1", "enter"])]


def test_a_cable_is_pulled_at_the_device_that_holds_it() -> None:
    inputs, cards = Toy("inputs", "plug", "unplug"), Toy("cards", "plug", "unplug")
    ask([inputs, cards], request("unplug", "scanner"), request("plug", "reader"))
    assert inputs.asked == [("unplug", ["scanner"])]
    assert cards.asked == [("plug", ["reader"])]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (request("dance"), "nothing that does `dance`"),
        (request("unplug"), "needs one of"),
        (request("unplug", "sofa"), "needs one of"),
        (request("unplug", "printer"), "does not hold the cable"),
        (request("press", "impossible"), "can't be done: 不行"),
        (b"nonsense\n", "one JSON object"),
        (b"[]\n", "names its"),
        (b'{"verb": 1}\n', "names its"),
        (b'{"verb": "press", "words": "1"}\n', "list of texts"),
        (b"\xff\xfe\n", "one JSON object"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_next_verb_works(line: bytes, complaint: str) -> None:
    refused, done = ask([Toy("inputs", "press")], line, request("press", "1"))
    assert not refused["ok"]
    assert complaint in refused["error"]
    of_state = "does not hold" in complaint or "can't be done" in complaint
    assert refused.get("usage", False) is not of_state
    assert done["ok"]


def test_an_endless_line_ends_the_connection() -> None:
    assert ask([Toy("inputs", "press")], b"x" * (1 << 21) + b"\n") == [None]


def test_two_devices_with_one_verb_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="both do `press`"):
        Switchboard([Toy("one", "press"), Toy("two", "press")])
