"""Profiles are data: a new acquirer is a file, and a wrong file is named, not guessed around."""

from __future__ import annotations

import secrets
from importlib.resources import files
from pathlib import Path

import pytest
from worlds.sales import a_request

from pos_terminal import profiles
from pos_terminal.core.answers import Sending
from pos_terminal.core.said import Said
from pos_terminal.core.words import Failure
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.requests import EntryMode

REQUEST = a_request("374245001751006", EntryMode.CHIP)


def source(name: str) -> str:
    return files(profiles).joinpath(f"{name}.toml").read_text("utf-8")


def test_the_profiles_that_come_along() -> None:
    assert profiles.names() == ["cup", "generic"]
    cup, generic = profiles.load("cup"), profiles.load("generic")
    assert cup.repeat == "never", "the default for an unknown acquirer"
    assert cup.void_scope == "terminal"
    assert cup.connection == "per_message"
    assert (generic.connection, generic.repeat) == ("persistent", "identical")


@pytest.mark.parametrize("name", ["cup", "generic"])
def test_a_line_is_probed_by_a_connection_unless_the_profile_says_otherwise(name: str) -> None:
    """Issue 8, 7: ``connect`` is the default; a profile that is older says nothing of it."""
    older = source(name).replace('probe = "connect"\n', "")
    assert "\nprobe = " not in older
    assert profiles.parse(older, name).probe == profiles.load(name).probe == "connect"


def test_generic_speaks_printable_ascii() -> None:
    generic = profiles.load("generic")
    frame = Codec(generic).encode(requests.refund(generic, REQUEST), secrets.token_bytes(16))
    assert frame.isascii()
    assert frame.decode().isprintable()
    assert frame[4:8] == b"0200"
    assert int(frame[:4]) == len(frame) - 4
    assert frame[8:24] == b"7020048008C08019"


def test_a_new_acquirer_is_a_file(tmp_path: Path) -> None:
    text = source("generic")
    text = text.replace('name = "generic"', 'name = "bank"')
    text = text.replace('length = "ascii4"', 'length = "binary2"')
    text = text.replace('numeric = "ascii"', 'numeric = "bcd"')
    text = text.replace('repeat_request = "0221"', 'repeat_request = "0201"')
    text = text.replace('codes = ["51"]', 'codes = ["51", "X1"]')
    file = tmp_path / "bank.toml"
    file.write_text(text, "utf-8")

    bank = profiles.load(str(file))
    codec = Codec(bank)
    mak = secrets.token_bytes(16)
    original = requests.refund(bank, REQUEST)
    repeat = requests.repeat(bank, original)
    assert repeat.mti == "0201"
    (body,) = FrameReader(bank).feed(codec.encode(repeat, mak))
    assert body[:2] == bytes.fromhex("0201"), "no TPDU, no header, packed digits"
    decoded = codec.decode(body)
    assert codec.mac_ok(decoded, mak)
    assert decoded.message.with_fields({64: None}).fields == original.fields
    assert matches(bank, repeat, Message("0230", {**repeat.fields, 39: "X1"})) is None
    assert bank.said("X1", Sending.REFUND) is Said.FUNDS_TOO_LOW


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('repeat = "never"\nd', 'repeat = "always"\nd', "repeat"),
        ('cut_off = "23:00"', 'cut_off = "25:00"', "cut_off"),
        ("Asia/Shanghai", "Asia/Peking", 'no time zone "Asia/Peking"'),
        ("tpdu = true", "tpdu = true\nsurprise = 1", "surprise"),
        ('first = "decline_kept"', 'first = "maybe"', "first"),
        ('codes = ["51"]', 'codes = ["51", "00"]', "00 twice"),
        ('says = "funds_too_low"', 'says = "response.funds_too_low"', "says"),
        ("61, 63]", "61, 59]", "field 59"),
        ("parts_61 = 3", "parts_61 = 9", "parts of field 60 or 61"),
        ("reversible = true\n", "reversible = true\nparts_61 = 2\n", "void_61"),
        ("optional = [14, 23, 38]", "optional = [14, 23, 35, 38]", "sends a track"),
        ('sign_on_62 = "none"', 'sign_on_62 = "{place}"', "sign_on_62"),
        ("void_61 = 12", "void_61 = 14", "void_61"),
        ('operator_63 = "001"', 'operator_63 = "002"', "operator_63"),
        ('track2 = "never"', 'track2 = "always"', "track2"),
        ("[messages.echo]", "[messages.ping]", "ping"),
        ('network = "003"', 'network = "009"', "layout"),
        ('name = "cup"', "name = ", "line"),
    ],
)
def test_a_wrong_file_is_named(old: str, new: str, named: str) -> None:
    text = source("cup")
    assert old in text
    with pytest.raises(Failure) as caught:
        profiles.parse(text.replace(old, new), "bank.toml")
    words = caught.value.words
    assert words.code == "config.option"
    assert words.values["file"] == "bank.toml"
    assert named in str(words.values["cause"])


@pytest.mark.parametrize(
    ("old", "new", "listed"),
    [
        ('says = "funds_too_low"', 'says = "no_money"', ["approved", "funds_too_low", "unknown"]),
        ('first = "decline_kept"', 'first = "maybe"', ["accept", "decline_kept", "unknown"]),
        ('void_scope = "terminal"', 'void_scope = "shop"', ["terminal", "merchant"]),
        ('repeat = "never"\nd', 'repeat = "always"\nd', ["never", "identical"]),
        ('kind = "n", length = 19', 'kind = "q", length = 19', ["n", "z", "an", "ans", "b"]),
    ],
)
def test_a_wrong_value_is_told_the_right_ones(old: str, new: str, listed: list[str]) -> None:
    text = source("cup")
    assert old in text
    with pytest.raises(Failure) as caught:
        profiles.parse(text.replace(old, new), "bank.toml")
    said = str(caught.value.words.values["cause"])
    assert set(listed) <= set(said.partition("; one of ")[2].split(", ")), said


def test_a_missing_function_is_named() -> None:
    start, end = "[messages.echo]", "[messages.sale]"
    text = source("cup")
    cut = text[: text.index(start)] + text[text.index(end) :]
    with pytest.raises(Failure, match=r"messages\.echo is missing"):
        profiles.parse(cut, "bank.toml")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(Failure, match="cup, generic"):
        profiles.load("nobody")


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="No such file"):
        profiles.load(str(tmp_path / "none.toml"))
    file = tmp_path / "latin.toml"
    file.write_bytes(b"name = '\xff'")
    with pytest.raises(Failure, match="UTF-8"):
        profiles.load(str(file))
