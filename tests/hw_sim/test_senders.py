"""The bench's scanner, set up as those of the field are, at the product's own drivers' parsers."""

from __future__ import annotations

from itertools import product

import pytest
from hw_sim.device import WrongWords
from hw_sim.inputs.packets import encode
from hw_sim.inputs.senders import line, scan, set_up

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.frames import Frame
from pos_terminal.wire.input_event import RecordReader
from pos_terminal.wire.key_scan import KeyScan
from pos_terminal.wire.keyboards import Layout
from pos_terminal.wire.line_scan import LineScan
from pos_terminal.wire.scan import Code

TEXT = "]C0R-2026073A/xYz_17"
KEYS = [
    [layout.value, letters, prefix, end, pace]
    for layout, letters, (prefix, end, pace) in product(
        Layout,
        ("shift", "caps", "alt", "alt0"),
        (("f8", "crlf", "slow"), ("f1", "tab", "quick")),
    )
]


def typed(text: str, words: list[str], scanner: KeyScan, *, now: float = 100.0) -> list[object]:
    records = RecordReader().feed(encode(scan(text, set_up(words)), now=now))
    return [found for record in records if (found := scanner.feed(record)) is not None]


@pytest.mark.parametrize("words", KEYS, ids=" ".join)
def test_each_way_of_typing_gives_the_code(words: list[str]) -> None:
    scanner = KeyScan(layout=Layout(words[0]))
    for now in (100.0, 200.0):
        assert typed(TEXT, words, scanner, now=now) == [Code(TEXT[3:], "]C0")]
        assert not scanner.partial


@pytest.mark.parametrize("letters", ["shift", "alt"])
def test_a_release_that_was_lost_spoils_one_code_at_most(letters: str) -> None:
    scanner = KeyScan()
    # the last modifier is that of the underscore: what follows it is not what was scanned
    (spoilt,) = typed("R2026_17", [letters, "lossy"], scanner)
    assert spoilt is Drop.OVERRUN
    assert typed("R2026_17", [letters], scanner, now=101.0) == [Code("R2026_17")]


def test_a_scanner_on_another_layout_is_told() -> None:
    assert typed("]E04006381333931", ["azerty", "caps"], KeyScan()) == [Drop.LAYOUT_AZERTY]
    assert typed("]E04006381333931", ["qwertz"], KeyScan()) == [Drop.LAYOUT_QWERTZ]


@pytest.mark.parametrize(
    ("framing", "parity"),
    list(product(("cr", "crlf", "tab", "nul", "stx"), ("8n1", "7e1", "7o1"))),
)
def test_each_framing_gives_the_code(framing: str, parity: str) -> None:
    scanner = LineScan(frame=Frame(parity.upper()))
    found = scanner.feed(line(TEXT, set_up([framing, parity])))
    found += [one for one in [scanner.expire()] if one is not None]
    assert found == [Code(TEXT[3:], "]C0")]


def test_parity_is_on_the_wire() -> None:
    assert line("1", set_up(["7e1", "cr"])) == b"\xb1\x8d"
    assert line("10", set_up(["7o1", "cr"])) == b"\x31\xb0\x0d"


def test_what_a_scanner_can_not_send_is_refused() -> None:
    for words, text in ((["azerty"], "退"), (["alt"], "é")):
        with pytest.raises(WrongWords, match="can't type"):
            scan(text, set_up(words))
    with pytest.raises(WrongWords, match="seven bits"):
        line("退", set_up(["7e1"]))
    with pytest.raises(WrongWords, match="no set-up code 'dvorak'"):
        set_up(["dvorak"])
