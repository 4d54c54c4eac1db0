"""The acquirer takes what its profile says and nothing else: whoever differs is told 30."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from hw_sim.acquirer.server import Acquirer
from msgspec.structs import replace
from worlds import acquirer
from worlds.acquirer import NOW, TERMINAL

from pos_terminal import profiles
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wire.iso8583.requests import SignOnRequest, Station

SALE = acquirer.a_sale("4761739001010010")
FLAGS: list[dict[str, Any]] = [
    {"original_61": "zero"},
    {"void_61": 16},
    {"reversal_61": "own"},
    {"reversal_61": "none"},
    {"operator_63": "01 "},
    {"sign_on_62": "Sequence No{length}{serial}"},
]
BOTH = pytest.mark.parametrize("name", profiles.names())


def classed(profile: Profile, number: str) -> Profile:
    header = profile.frame.header
    assert header is not None
    return replace(
        profile, frame=replace(profile.frame, header=replace(header, application_class=number))
    )


class Host:
    """An acquirer that speaks one profile, with a key, and whoever sends it messages."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.acquirer = Acquirer(profile, [TERMINAL], lambda: NOW)
        self.acquirer.add_sales([SALE])
        self.mak = secrets.token_bytes(16)
        self.acquirer.book.set_mak(TERMINAL.terminal_id, self.mak)

    def code(self, message: Message) -> str | None:
        frames = FrameReader(self.profile)
        codec = Codec(self.profile)
        (body,) = frames.feed(codec.encode(message, self.mak))
        (answer,) = frames.feed(self.acquirer.exchange(body).data)
        return codec.decode(answer).message.get(39)


def messages(profile: Profile, **changes: Any) -> dict[str, Message]:
    """What a terminal with this profile sends."""
    stans = iter(range(1, 99))

    def request(**facts: Any) -> requests.RefundRequest:
        return acquirer.request_of(TERMINAL, SALE, f"{next(stans):06d}", **(changes | facts))

    own = {
        "terminal_id": TERMINAL.terminal_id,
        "merchant_id": TERMINAL.merchant_id,
        "batch": TERMINAL.batch,
        "tpdu": TERMINAL.tpdu,
    }
    sign_on = SignOnRequest(**own, stan="000090", serial="AB1", variant=TERMINAL.key_exchange)
    void = requests.void(profile, request())
    return {
        "sign_on": requests.sign_on(profile, sign_on),
        "echo": requests.echo(profile, Station(**own)),
        "refund": requests.refund(profile, request(amount=100)),
        "reversal": requests.reversal(profile, void),
    }


def codes(host: Host, sent: dict[str, Message]) -> dict[str, str | None]:
    """The sign-on last: it brings another key."""
    order = sorted(sent, key="sign_on".__eq__)
    return {name: host.code(sent[name]) for name in order}


GOOD = {"sign_on": "00", "echo": "00", "refund": "00", "reversal": "25"}


@pytest.mark.parametrize("flags", [{}, *FLAGS])
@BOTH
def test_a_terminal_with_the_same_profile_is_served(name: str, flags: dict[str, Any]) -> None:
    profile = replace(profiles.load(name), **flags)
    assert codes(Host(profile), messages(profile)) == GOOD


@pytest.mark.parametrize("flags", FLAGS)
@BOTH
def test_another_form_is_refused_in_words_and_pays_nothing(
    name: str, flags: dict[str, Any]
) -> None:
    plain = profiles.load(name)
    other = replace(plain, **flags)
    for here, there in ((plain, other), (other, plain)):
        host = Host(there)
        answered = codes(host, messages(here))
        # zeros are what nobody knows: an acquirer that wants the original may meet them
        if here is other and flags == {"original_61": "zero"}:
            assert answered["refund"] == "00"
            continue
        void = messages(here)
        if "void_61" in flags:
            sent = requests.void(here, acquirer.request_of(TERMINAL, SALE, "000077"))
            fresh = Host(there)
            assert fresh.code(sent) == "30"
            continue
        assert "30" in answered.values(), void
        told = [entry for entry in host.acquirer.log.entries() if "answered 30" in str(entry)]
        assert told


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({60: "25000042000"}, "field 60 has 11 digits"),
        ({60: "2500004200070"}, "60.4 is 7"),
        ({25: "01"}, "field 25 is not 00"),
        ({63: "CUP"}, "field 63 is not 000"),
        ({35: "4761739001010010=3012"}, "field 35 is not wanted"),
        ({37: None}, "field 37 is missing"),
        ({61: "000042000101"}, "field 61 has 12 digits"),
    ],
)
def test_a_refund_that_differs_is_refused(changes: dict[int, str | None], why: str) -> None:
    host = Host(profiles.load("cup"))
    sent = messages(host.profile)["refund"].with_fields(changes)
    assert host.code(sent) == "30"
    assert [e for e in host.acquirer.log.entries() if why in str(e)]
    assert sum(row["paid"] for row in host.acquirer.ledger()) == 0


def test_another_class_in_the_header_is_refused() -> None:
    host = Host(profiles.load("cup"))
    assert host.code(messages(classed(host.profile, "61"))["refund"]) == "30"
    sixty_one = Host(classed(host.profile, "61"))
    assert sixty_one.code(messages(sixty_one.profile)["refund"]) == "00"


def test_what_moves_no_money_is_refused_with_a_mac() -> None:
    host = Host(profiles.load("cup"))
    echo = messages(host.profile)["echo"]
    assert host.code(echo.with_fields({64: "0011223344556677"})) == "30"
