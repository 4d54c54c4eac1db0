"""A bad argument of the bench's command lines is a sentence and exit status 2."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hw_sim.acquirer.admin import Admin
from hw_sim.acquirer.listener import Listener
from hw_sim.acquirer.process import _words
from hw_sim.acquirer.server import Acquirer
from hw_sim.cards.device import CardsDevice
from hw_sim.cli import main
from hw_sim.device import BenchError, WrongWords
from hw_sim.inputs.device import InputsDevice
from hw_sim.printer.device import PrinterDevice, _draw

from pos_terminal import profiles

LONG = "9" * 5000
BATCH = "a batch is 000001 to 999999, six digits"
CASES = [
    *(("acquirer", f"batch {one}", BATCH) for one in ("43", "000000", "abcdef", "٠٠٠٠٤٣", LONG)),
    *(("acquirer", f"clock {one}", "seconds from") for one in ("nan", "inf", "1e18", "x", LONG)),
    *(("acquirer", f"mode normal --count {one}", "whole number") for one in ("0", "x", "-1", LONG)),
    *(("printer", f"paper-out --after {one}", "whole number") for one in ("-1", "x", LONG)),
    *(("wait", f"home --timeout {one}", "seconds from") for one in ("nan", "inf", "-1", "x")),
    *(("up", f"--seed {one}", "whole number") for one in ("-1", "x", LONG)),
    *(("up", f"--paper-speed {one}", "millimetres from") for one in ("0", "nan", "x")),
    *(("up", f"--acquirer {one}", "HOST:PORT") for one in ("foo", "h:0", "h:65536", ":1", LONG)),
    *(("up", f"--printer {one}", "tcp://HOST:PORT") for one in ("lp0", "tcp:/x")),
    ("up", "--printer tcp://foo", "HOST:PORT"),
    ("card", "tap", "needs a card's NAME"),
    ("card", "remove visa", "takes no card's NAME"),
    ("unplug", "sofa", "invalid choice"),
]


@pytest.mark.parametrize(("verb", "words", "complaint"), CASES)
def test_what_the_shell_can_tell(
    verb: str, words: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main([verb, str(tmp_path / "bench"), *words.split()])
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err
    assert status == 2, said
    assert complaint in said
    assert len(said) < 1500
    assert not (tmp_path / "bench").exists()


def order_of(words: str) -> dict[str, Any]:
    return dict(vars(_words().parse_args(words.split())))


ORDERS = [
    ("mode dance", "no mode 'dance'"),
    ("mode delay:x", "delay:SECONDS, not 'x'"),
    ("mode code:100", "code:XX, not '100'"),
    ("mode refuse:1", "refuse takes no value"),
    ("mode swallow --on sofa", "no kind of message 'sofa'"),
    ("mode normal --on sofa", "no kind of message 'sofa'"),
    ("batch 43 --terminal-id 1", BATCH),
    ("batch 000043 --terminal-id 1", "no terminal '1'"),
    ("file --since yesterday", "no ISO 8601 date or moment"),
]


@pytest.mark.parametrize(("words", "complaint"), ORDERS)
def test_what_the_acquirer_alone_can_tell(words: str, complaint: str) -> None:
    acquirer = Acquirer(profiles.load("cup"), [], lambda: datetime.now(UTC))
    admin = Admin(acquirer, Listener(acquirer, "127.0.0.1", 0, None))
    answer = asyncio.run(admin._answer(json.dumps(order_of(words)).encode()))
    assert complaint in str(answer["error"])
    assert (answer["ok"], answer["usage"]) == (False, True)


def test_an_order_that_is_none_is_said_to_be_none() -> None:
    acquirer = Acquirer(profiles.load("cup"), [], lambda: datetime.now(UTC))
    admin = Admin(acquirer, Listener(acquirer, "127.0.0.1", 0, None))
    for line in (b'{"verb": "dance"}', b"nonsense", b'{"verb": "clock", "ahead": NaN}'):
        answer = asyncio.run(admin._answer(line))
        assert str(answer["error"]).startswith("no order of the acquirer's: ")
        assert answer["usage"] is True


DEVICES: list[tuple[Callable[[], Any], str, list[str]]] = [
    (InputsDevice, "press", []),
    (InputsDevice, "press", ["sofa"]),
    (InputsDevice, "scan", [""]),
    (InputsDevice, "scan", ["中"]),
    (InputsDevice, "scan-serial", []),
    (InputsDevice, "unplug", ["sofa"]),
    (PrinterDevice, "printer", ["dance"]),
    (PrinterDevice, "printer", ["paper-out", "--after", "x"]),
    (PrinterDevice, "printer", ["plug", "--after", "3"]),
    (PrinterDevice, "drawer", ["open"]),
    (PrinterDevice, "receipts", ["--pdf", "x"]),
    (CardsDevice, "cards", ["x"]),
    (CardsDevice, "card", ["dance"]),
]


@pytest.mark.parametrize(("device", "verb", "words"), DEVICES)
def test_what_a_device_can_tell(device: Callable[[], Any], verb: str, words: list[str]) -> None:
    with pytest.raises(WrongWords):
        asyncio.run(device().verbs()[verb](words))


PROGRAMS = [
    ("proofs.simulation.__main__", "--seeds 0"),
    ("proofs.simulation.__main__", "--seeds -1"),
    ("proofs.simulation.__main__", f"--seed {LONG}"),
    ("proofs.simulation.__main__", "--jobs 0"),
    ("proofs.simulation.__main__", "--order backwards"),
    ("proofs.simulation.__main__", "--record /proc/x"),
    ("proofs.power.__main__", "--images 0"),
    ("proofs.power.__main__", "--folder /nowhere"),
    ("proofs.power.__main__", "--recording /nowhere"),
    ("proofs.measure.__main__", "--sales -1"),
    ("proofs.measure.__main__", "--folder /nowhere"),
    ("acquirer.__main__", "--listen here --admin a --keys k"),
]


@pytest.mark.parametrize(("program", "words"), PROGRAMS)
def test_the_programs_beside_the_bench(
    program: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"hw_sim.{program}")
    parser = getattr(module, "_parser", None) or module.parser
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args(words.split())
    assert "needed" in capsys.readouterr().err or "/proc/x" in words


def test_wrong_words_are_a_kind_of_what_can_not_be_done() -> None:
    assert issubclass(WrongWords, BenchError)


def test_pictures_that_can_not_be_written_are_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.touch()
    with pytest.raises(BenchError, match=f"^no pictures in {file}: File exists$"):
        _draw([], file)
