"""The emulated card's system and its files: answers come from the file, mistakes are refused."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest
from hw_sim.cards.card_files import CardFileError, cards, catalogue, load
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import Mute, Pulled

from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import luhn_ok
from pos_terminal.wire import tlv
from pos_terminal.wire.apdu import get_response, read_record, select

CONTACT, TAP = Interface.CONTACT, Interface.TAP
VISA = bytes.fromhex("A0000000031010")
GPO = bytes.fromhex("80A8000002830000")


def card(name: str, interface: Interface) -> CardOs:
    made = CardOs(cards()[name], interface)
    made.activate()
    return made


def status(answer: bytes) -> str:
    return answer[-2:].hex().upper()


@pytest.mark.parametrize("name", list(cards()))
def test_every_atr_is_well_formed(name: str) -> None:
    for interface in Interface:
        face = cards()[name].face(interface)
        if face is None or not face.atr:
            continue
        atr = bytes.fromhex(face.atr)
        assert atr[0] == 0x3B
        historical = atr[1] & 0x0F
        if interface is TAP:
            assert atr[2:4] == b"\x80\x01"
            assert len(atr) == 4 + historical + 1
            assert reduce(lambda left, right: left ^ right, atr[1:]) == 0
        else:
            assert len(atr) == 2 + (atr[1] >> 4).bit_count() + historical


def test_the_catalogue_has_test_numbers_that_check() -> None:
    for info in catalogue().values():
        assert luhn_ok(info.pan.reveal())
        assert info.par is None or len(info.par) == 29


def test_phones_share_the_account_of_their_plastic() -> None:
    phones = [info for info in catalogue().values() if info.account_of]
    assert phones
    for info in phones:
        plastic = catalogue()[str(info.account_of)]
        assert info.par == plastic.par is not None
        assert info.pan != plastic.pan


def test_the_directory_names_the_applications() -> None:
    answer = card("two-applications", TAP).answer(select(b"2PAY.SYS.DDF01"))
    assert status(answer) == "9000"
    assert [value.hex().upper() for value in tlv.every(tlv.parse(answer[:-2]), "4F")] == [
        "A000000333010101",
        "A000000333010102",
    ]
    assert status(card("two-applications", CONTACT).answer(select(b"2PAY.SYS.DDF01"))) == "6A82"


def test_the_contact_directory_is_a_file_of_records() -> None:
    emulated = card("two-applications", CONTACT)
    emulated.answer(select(b"1PAY.SYS.DDF01"))
    assert [status(emulated.answer(read_record(1, number))) for number in (1, 2, 3)] == [
        "9000",
        "9000",
        "6A83",
    ]


def test_a_partial_name_finds_one_after_the_other() -> None:
    emulated = card("two-applications", CONTACT)
    rid = bytes.fromhex("A000000333")
    names = []
    for following in (False, True, True):
        answer = emulated.answer(select(rid, following=following))
        names.append(status(answer))
    assert names == ["9000", "9000", "6A82"]


def test_records_come_after_processing_options_only() -> None:
    emulated = card("visa", CONTACT)
    emulated.answer(select(VISA))
    assert status(emulated.answer(read_record(1, 1))) == "6985"
    assert status(emulated.answer(GPO)) == "9000"
    assert status(emulated.answer(read_record(1, 1))) == "9000"
    assert status(emulated.answer(read_record(1, 2))) == "6A83"
    assert status(emulated.answer(read_record(9, 1))) == "6A82"
    assert status(emulated.answer(GPO)) == "6985"


def test_the_options_data_must_have_the_length_asked_for() -> None:
    emulated = card("visa", TAP)
    emulated.answer(select(VISA))
    assert status(emulated.answer(GPO)) == "6700"


@pytest.mark.parametrize(
    ("apdu", "expected"),
    [
        ("00A4", "6700"),
        ("00A40400", "9000"),
        ("00A4040005A0", "6700"),
        ("00A4000002 3F00", "6A86"),
        ("00B2010000", "6A86"),
        ("0084000008", "6D00"),
        ("FFCA000000", "6E00"),
        ("A0A40000023F00", "6E00"),
    ],
)
def test_strange_commands_get_a_status(apdu: str, expected: str) -> None:
    assert status(card("jcb", CONTACT).answer(bytes.fromhex(apdu))) == expected


def test_a_storage_card_has_no_application() -> None:
    assert status(card("storage", TAP).answer(bytes.fromhex("00A40400"))) == "6A82"


def test_a_tap_tells_its_uid() -> None:
    assert card("jcb", TAP).answer(bytes.fromhex("FFCA000000"))[:-2].hex().upper() == "08A1B2C3"


def test_a_t0_card_answers_by_halves() -> None:
    emulated = card("halting", CONTACT)
    first = emulated.answer(select(VISA))
    assert first[0] == 0x61
    assert emulated.answer(get_response(0))[0] == 0x6C
    fci = emulated.answer(get_response(first[1]))
    assert len(fci) == first[1] + 2
    assert status(emulated.answer(get_response(first[1]))) == "6985"
    emulated.answer(GPO)
    short = emulated.answer(read_record(1, 1))
    assert short[0] == 0x6C
    assert status(emulated.answer(read_record(1, 1)[:-1] + short[1:])) == "9000"


def test_faults_count_from_the_activation() -> None:
    pulled = card("pulled", TAP)
    for _ in range(3):
        pulled.answer(select(b"2PAY.SYS.DDF01"))
    with pytest.raises(Pulled):
        pulled.answer(select(b"2PAY.SYS.DDF01"))
    pulled.activate()
    assert status(pulled.answer(select(b"2PAY.SYS.DDF01"))) == "9000"
    mute = card("mute", CONTACT)
    mute.answer(select(VISA))
    mute.answer(select(VISA))
    with pytest.raises(Mute):
        mute.answer(select(VISA))


def test_an_interface_that_a_card_has_not() -> None:
    with pytest.raises(ValueError, match="no contact interface"):
        card("phone", CONTACT)


GOOD = 'title = "t"\npan = "3530111333300000"\nexpiry = "3001"\n[contact]\natr = "3B00"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = 'x'\ncolour = 'red'\n", "colour"),
        ("title = 'x'\npan = '12'\n", "pan"),
        ("title = 'x'\nexpiry = '2913'\n", "expiry"),
        ("[contact]\natr = '3B'\n", "title"),
        ("like = 'own'\ntitle = 'x'\n", "like itself"),
        ("like = 'nobody'\n", "nobody"),
        ("title = ", "own.toml"),
        (GOOD + "transport = 't9'\n", "t9"),
    ],
)
def test_a_wrong_card_file_says_what_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(CardFileError, match=why):
        load(file)


def test_a_file_of_ones_own_may_be_like_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(GOOD + '[tap]\natr = "3B8001"\n')
    (tmp_path / "own.toml").write_text('like = "base"\ntap = false\n[contact]\ntransport = "t0"\n')
    own = load(tmp_path / "own.toml")
    assert own.tap is None
    assert own.contact is not None
    assert (own.contact.atr, own.contact.transport) == ("3B00", "t0")
    assert own.pan not in repr(own)


def test_a_value_that_stands_for_nothing() -> None:
    with pytest.raises(CardFileError, match="stands for nothing"):
        cards()["visa"].value("$cvv")
