"""The dialogue against emulated cards, scripts to the byte, and cards that lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hw_sim.cards.card_files import cards, catalogue
from hw_sim.cards.card_os import CardOs
from hw_sim.cards.emulated import Mute, Pulled
from hw_sim.cards.script import parse as script
from hypothesis import example, given, settings
from hypothesis import strategies as st
from worlds.failures import failure_of

from pos_terminal.core.card_match import Need, Presented, still_needed
from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import CardRef, Funding
from pos_terminal.core.words import Failure
from pos_terminal.texts import catalogue as texts
from pos_terminal.wire import tlv
from pos_terminal.wire.card_dialogue import CardRead, Judge, identify
from pos_terminal.wire.card_exchange import MAX_COMMANDS

CONTACT, TAP = Interface.CONTACT, Interface.TAP
ATR = bytes.fromhex("3B6800000073C84000009000")
GENERATE_AC = 0xAE


def all_of_it(card: CardRead) -> Need:
    """As card-first asks: every application, each with its account's reference."""
    return Need.ACCOUNT if card.par is None else Need.ANOTHER


def wanted(pan: Pan) -> Judge:
    """As a refund asks whose sale knows its card by its number."""
    return lambda card: Need.NOTHING if card.pan == pan else Need.ANOTHER


def drive(
    answer: Callable[[bytes], bytes],
    interface: Interface = CONTACT,
    atr: bytes = ATR,
    judge: Judge = all_of_it,
) -> tuple[CardRead, list[bytes]]:
    """The last application that was read, and the commands that it took."""
    found, sent = drive_all(answer, interface, atr, judge)
    return found[-1], sent


def drive_all(
    answer: Callable[[bytes], bytes], interface: Interface, atr: bytes, judge: Judge
) -> tuple[tuple[CardRead, ...], list[bytes]]:
    dialogue = identify(
        interface,
        atr,
        judge,
        today=date(2026, 3, 9),
        unpredictable=bytes.fromhex("DEADBEEF"),
        currency="156",
    )
    sent: list[bytes] = []
    try:
        sent.append(next(dialogue))
        while True:
            try:
                reply = answer(sent[-1])
            except Pulled:
                reply = b""
            sent.append(dialogue.send(reply))
    except StopIteration as end:
        return end.value, sent


def outcome(
    answer: Callable[[bytes], bytes], interface: Interface, atr: bytes = ATR
) -> CardRead | Failure:
    try:
        return drive(answer, interface, atr)[0]
    except Failure as failed:
        return failed


def read(name: str, interface: Interface, judge: Judge = all_of_it) -> tuple[CardRead, list[bytes]]:
    card = CardOs(cards()[name], interface)
    return drive(card.answer, interface, card.activate(), judge)


def failure(name: str, interface: Interface) -> Failure:
    with pytest.raises(Failure) as caught:
        read(name, interface)
    assert "tech" in texts()[caught.value.words.code]
    return caught.value


READABLE = [
    (name, interface)
    for name, info in catalogue().items()
    if info.readable
    for interface in sorted(info.interfaces)
]


@pytest.mark.parametrize(("name", "interface"), READABLE)
def test_every_good_card_says_who_it_is(name: str, interface: Interface) -> None:
    info = catalogue()[name]
    card = CardOs(cards()[name], interface)
    found, sent = drive_all(card.answer, interface, card.activate(), all_of_it)
    assert {one.pan.reveal() for one in found} == cards()[name].numbers()
    (own,) = (one for one in found if one.pan == info.pan)
    assert own.expiry == info.expiry
    assert own.par == info.par
    assert own.scheme == info.scheme
    assert own.funding == info.funding
    assert own.interface is interface
    assert own.sequence in (cards()[name].sequence.zfill(3), None)
    assert own.label
    assert all(command[1] != GENERATE_AC for command in sent)
    assert len(sent) <= 30
    assert info.pan.reveal() not in repr(found)


def after_the_number(name: str, interface: Interface, judge: Judge) -> tuple[int, int]:
    """Commands in all, and of those the ones after an answer first had the number, packed or in a
    track: found in the bytes, and not by what reads them."""
    info, card = catalogue()[name], CardOs(cards()[name], interface)
    answers: list[str] = []

    def answer(command: bytes) -> bytes:
        answers.append(card.answer(command).hex())
        return bytes.fromhex(answers[-1])

    drive_all(answer, interface, card.activate(), judge)
    first = next(place for place, one in enumerate(answers) if info.pan.reveal() in one)
    return len(answers), len(answers) - 1 - first


@pytest.mark.parametrize(("name", "interface"), READABLE)
@pytest.mark.parametrize("par", [None, "X0000000000000000000000000000"])
def test_no_command_follows_the_number_of_the_sale(
    name: str, interface: Interface, par: str | None
) -> None:
    """Whatever else the sale knows of its card."""
    sold = CardRef(None, "T", "K", par, "", Funding.UNKNOWN)

    def judge(card: CardRead) -> Need:
        token = "T" if card.pan == catalogue()[name].pan else "t"
        return still_needed(sold, Presented(card.pan, token, "K", card.par), checked=False)

    assert after_the_number(name, interface, judge)[1] == 0


def test_reading_on_would_be_a_quarter_of_all_commands() -> None:
    """As card-first reads, and as every refund did: what stopping at the number spares here."""
    counts = [after_the_number(name, interface, all_of_it) for name, interface in READABLE]
    everything, after = (sum(column) for column in zip(*counts, strict=True))
    assert after / everything > 0.25


def test_a_number_that_is_not_the_sales_is_read_on_for_its_account_alone() -> None:
    """And only where the sale has one to compare it with."""
    _, with_account = read("visa", CONTACT, lambda _: Need.ACCOUNT)
    _, without = read("visa", CONTACT, lambda _: Need.ANOTHER)
    assert [command[1] for command in with_account] == [*(one[1] for one in without), 0xB2]


def test_the_next_application_is_tried_before_the_card_is_another_one() -> None:
    for interface in Interface:
        found, _ = read("two-numbers", interface, wanted(Pan("6200000000000047")))
        assert (found.pan.reveal(), found.aid) == ("6200000000000047", "A000000333010102")
        assert (found.funding, found.label) == (Funding.CREDIT, "UnionPay Credit")


def test_no_further_application_is_selected_once_one_fits() -> None:
    _, sent = read("two-numbers", TAP, wanted(Pan("6250946000000016")))
    assert [one[1] for one in sent] == [0xA4, 0xA4, 0xA8, 0xB2]


@pytest.mark.parametrize("second", ["6F00", "70055F240931059000", "70045A0212349000", "0A9000"])
def test_an_error_behind_the_number_ends_that_application_alone(second: str) -> None:
    """A status, values that don't fit, a number that is none: the number that was read holds."""
    card = script(f"""
        > 00A404000E325041592E5359532E444446303100
        < {ppse("A0000000031010", "A0000000651010")}
        > 00A4040007A000000003101000
        < {fci("A0000000031010")}
        > 80A8000002830000
        < 80062000080102009000
        > 00B2010C00
        < 700A5A0847617390010100109000
        > 00B2020C00
        < {second}
        > 00A4040007A000000065101000
        < 6283
    """)
    found, _ = drive(card.answer, TAP)
    card.finish()
    assert found.pan.reveal() == "4761739001010010"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("6985", "6F00", "card.status 6F00"),
        ("6F00", "6985", "card.status 6F00"),
        ("6985", "6283", "card.status 6985"),
        ("6F01", "6F00", "card.status 6F01"),
        ("7709", "6985", "card.unreadable"),
        ("6985", "7709", "card.unreadable"),
        ("6984", "6985", "card.insert_instead"),
        ("7709", "6984", "card.insert_instead"),
    ],
)
def test_of_failing_applications_the_most_telling_reason_is_said(
    first: str, second: str, told: str
) -> None:
    """``6283`` blocks the application itself; the others answer GET PROCESSING OPTIONS."""
    steps = [f"> ..\n< {ppse('A0000000031010', 'A0000000651010')}"]
    for aid, answer in (("A0000000031010", first), ("A0000000651010", second)):
        steps.append(f"> ..\n< {answer if answer == '6283' else fci(aid)}")
        if answer != "6283":
            steps.append(f"> ..\n< {answer if answer[0] == '6' else answer + '9000'}")
    card = script("\n".join(steps))
    with pytest.raises(Failure) as caught:
        drive(card.answer, TAP)
    card.finish()
    words = caught.value.words
    assert f"{words.code} {words.values.get('status', '')}".strip() == told


def test_a_card_without_partial_selection_is_read_once() -> None:
    """It gives the same application again when it is asked for the next."""
    card = CardOs(cards()["no-directory"], CONTACT)
    card.activate()

    def answer(command: bytes) -> bytes:
        return card.answer(command[:3] + b"\x00" + command[4:] if command[1] == 0xA4 else command)

    _, sent = drive(answer)
    assert [command[1] for command in sent].count(0xA8) == 1


def test_a_card_that_is_blocked_behind_a_number_stops_there() -> None:
    card = script(f"""
        > ..
        < {ppse("A0000000031010", "A0000000651010")}
        > ..
        < {fci("A0000000031010")}
        > ..
        < 771257104761739001010010D28122010000000F9000
        > ..
        < 6A81
    """)
    found, _ = drive(card.answer, TAP)
    card.finish()
    assert found.scheme == "visa"


def test_a_number_that_was_read_stands_whatever_the_others_answer() -> None:
    card = script(f"""
        > ..
        < {ppse("A0000000031010", "A0000000651010")}
        > ..
        < {fci("A0000000031010")}
        > ..
        < 6984
        > ..
        < {fci("A0000000651010")}
        > ..
        < 771257104761739001010010D28122010000000F9000
    """)
    found, _ = drive(card.answer, TAP)
    card.finish()
    assert found.scheme == "jcb"


def test_the_amount_told_to_the_card_is_zero_and_online() -> None:
    card = CardOs(cards()["unionpay-debit"], TAP)
    drive(card.answer, TAP, card.activate(), wanted(catalogue()["unionpay-debit"].pan))
    data = card.pdol_data
    assert data[2:6].hex() == "27800000"
    assert data[6:18] == bytes(12)
    assert data.endswith(bytes(2)), "no e-cash: DF60 and 9F7A are zero"


def test_reading_stops_when_nothing_more_is_needed() -> None:
    _, sent = read("phone-visa", TAP)
    assert [command[1] for command in sent] == [0xA4, 0xA4, 0xA8]


def test_the_phone_shares_its_par_with_the_plastic() -> None:
    phone, _ = read("phone", TAP)
    plastic, _ = read("unionpay-credit", CONTACT)
    assert phone.par == plastic.par is not None
    assert phone.pan != plastic.pan


@pytest.mark.parametrize(
    ("name", "interface", "key"),
    [
        ("blocked", CONTACT, "card.blocked"),
        ("blocked", TAP, "card.blocked"),
        ("storage", TAP, "card.unsupported"),
        ("phone-locked", TAP, "card.see_phone"),
        ("two-cards", TAP, "card.several"),
        ("two-cards", CONTACT, "card.several"),
        ("forged", CONTACT, "card.disagree"),
        ("forged", TAP, "card.disagree"),
        ("pulled", CONTACT, "card.gone"),
    ],
)
def test_bad_cards_end_in_words(name: str, interface: Interface, key: str) -> None:
    assert failure(name, interface).words.code == key


def test_a_mute_card_stops_in_the_middle() -> None:
    with pytest.raises(Mute):
        read("mute", TAP)


def test_a_locked_phone_serves_at_its_second_tap() -> None:
    card = CardOs(cards()["phone-locked"], TAP)
    assert failure_of(lambda: drive(card.answer, TAP, card.activate())) == "card.see_phone"
    found, _ = drive(card.answer, TAP, card.activate())
    assert found.pan == catalogue()["phone"].pan


@pytest.mark.parametrize("status", ["6984", "6986", "6985", "6A81", "6F00"])
def test_refused_processing_options(status: str) -> None:
    keys = {"6984": "card.insert_instead", "6986": "card.see_phone"}
    steps = f"""
        > 00A404000E325041592E5359532E444446303100
        < {ppse("A0000000651010")}
        > 00A4040007A000000065101000
        < {fci("A0000000651010")}
        > 80A8000002830000
        < {status}
    """
    card = script(steps)
    with pytest.raises(Failure) as caught:
        drive(card.answer, TAP)
    card.finish()
    assert caught.value.words.code == keys.get(status, "card.status")


def ppse(*aids: str) -> str:
    entries = b"".join(tlv.encode("61", tlv.encode("4F", bytes.fromhex(aid))) for aid in aids)
    inside = tlv.encode("84", b"2PAY.SYS.DDF01") + tlv.encode("A5", tlv.encode("BF0C", entries))
    return tlv.encode("6F", inside).hex() + "9000"


def fci(aid: str) -> str:
    return tlv.encode("6F", tlv.encode("84", bytes.fromhex(aid))).hex() + "9000"


def test_a_blocked_application_is_skipped_for_the_next() -> None:
    card = script(f"""
        > 00A404000E325041592E5359532E444446303100
        < {ppse("A0000000651010", "A0000000031010")}
        > 00A4040007A000000065101000
        < 6283
        > 00A4040007A000000003101000
        < {fci("A0000000031010")}
        > 80A8000002830000
        < 771257104761739001010010D28122010000000F9000
    """)
    found, _ = drive(card.answer, TAP)
    card.finish()
    assert found.scheme == "visa"
    assert found.expiry == "2812"


def test_a_directory_of_foreign_applications_leads_to_the_list_of_aids() -> None:
    jcb = CardOs(cards()["jcb"], TAP)
    jcb.activate()

    def answer(command: bytes) -> bytes:
        if b"PAY.SYS" in command:
            return bytes.fromhex(ppse("D2760000850101"))
        return jcb.answer(command)

    found, _ = drive(answer, TAP)
    assert found.scheme == "jcb"


def test_applications_are_tried_by_priority() -> None:
    entries = [
        tlv.encode("61", tlv.encode("4F", bytes.fromhex(aid)) + tlv.encode("87", priority))
        for aid, priority in (("A0000000651010", b"\x02"), ("A0000000031010", b"\x81"))
    ]
    inside = tlv.encode("A5", tlv.encode("BF0C", b"".join(entries)))
    sent: list[bytes] = []

    def answer(command: bytes) -> bytes:
        sent.append(command)
        if len(sent) == 1:
            return tlv.encode("6F", inside) + b"\x90\x00"
        return bytes.fromhex("6A82")

    assert failure_of(drive, answer, TAP) == "card.no_application"
    assert [command[5:12].hex().upper() for command in sent[1:]] == [
        "A0000000031010",
        "A0000000651010",
    ]


def test_partial_matches_are_asked_for_one_by_one() -> None:
    steps = []
    for turn, (aid, status) in enumerate(
        (("A00000033301010101", "6985"), ("A00000033301010102", ""))
    ):
        steps.append(f"> 00A4040{turn * 2}08A00000033301010100\n< {fci(aid)}")
        answer = status or "770E5A086250947000000014820200009000"
        steps.append(f"> 80A8000002830000\n< {answer}")
    card = script("> 00A404000E315041592E5359532E444446303100\n< 6A82\n" + "\n".join(steps))
    found, _ = drive(card.answer, CONTACT, judge=wanted(Pan("6250947000000014")))
    card.finish()
    assert found.aid == "A00000033301010102"


def test_a_warning_without_data_is_followed_by_get_response() -> None:
    card = script(f"""
        > 00A404000E325041592E5359532E444446303100
        < 6200
        > 00C0000000
        < 6C28
        > 00C0000028
        < {ppse("A0000000031010")}
        > 00A4040007A000000003101000
        < 6110
        > 00C0000010
        < {fci("A0000000031010")}
        > 80A8000002830000
        < 771257104761739001010010D28122010000000F9000
    """)
    found, _ = drive(card.answer, TAP)
    card.finish()
    assert found.scheme == "visa"


@pytest.mark.parametrize(
    ("afl", "why"),
    [("080101", "cut off"), ("090101 00", "wrong"), ("08000100", "wrong"), ("08020100", "wrong")],
)
def test_a_file_locator_is_not_believed(afl: str, why: str) -> None:
    value = tlv.encode("80", bytes(2) + bytes.fromhex(afl)).hex()
    card = script(f"""
        > ..
        < {ppse("A0000000031010")}
        > ..
        < {fci("A0000000031010")}
        > ..
        < {value}9000
    """)
    with pytest.raises(Failure, match=why):
        drive(card.answer, TAP)
    card.finish()


def test_a_locator_with_hundreds_of_records_ends() -> None:
    value = tlv.encode("80", bytes.fromhex("0000 0801FF00 1001FF00".replace(" ", "")))

    def answer(command: bytes) -> bytes:
        match command[1]:
            case 0xA4 if b"PAY" in command:
                return bytes.fromhex(ppse("A0000000031010"))
            case 0xA4:
                return bytes.fromhex(fci("A0000000031010"))
            case 0xA8:
                return value + b"\x90\x00"
            case _:
                return bytes.fromhex("70009000")

    with pytest.raises(Failure, match="more than 32 records"):
        drive(answer, TAP)


@pytest.mark.parametrize("endless", ["6100", "6C01", "6101"])
def test_a_card_that_leads_round_in_circles_ends(endless: str) -> None:
    count = 0

    def answer(_: bytes) -> bytes:
        nonlocal count
        count += 1
        return bytes.fromhex(endless)

    with pytest.raises(Failure):
        drive(answer)
    assert count <= MAX_COMMANDS


def test_a_card_that_knows_no_command_is_named_by_its_status() -> None:
    with pytest.raises(Failure) as caught:
        drive(lambda _: bytes.fromhex("6E00"))
    assert caught.value.words.code == "card.status"
    assert caught.value.words.values["status"] == "6E00"


STATUS = st.sampled_from(["9000", "6A82", "6A83", "6283", "6985", "6110", "6C10", "6200", "6300"])
NAMES = ("4F", "50", "57", "5A", "61", "6F", "70", "77", "80", "82", "84", "87", "88", "94")
MORE = ("A5", "BF0C", "9F38", "9F24", "9F6B", "5F24", "5F34")


def answers() -> st.SearchStrategy[bytes]:
    values = st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [bytes.fromhex(text) for text in ("A0000000031010", "A000000004101001", "08010100")]
        ),
        st.just(bytes.fromhex("4761739001010010")),
        st.just(bytes.fromhex("4761739001010010D2812201")),
    )
    leaf = st.builds(tlv.encode, st.sampled_from(NAMES + MORE), values)
    node = st.recursive(
        leaf,
        lambda inner: st.builds(
            lambda tag, parts: tlv.encode(tag, b"".join(parts)),
            st.sampled_from(("6F", "A5", "BF0C", "61", "70", "77")),
            st.lists(inner, max_size=4),
        ),
        max_leaves=10,
    )
    sound = st.builds(lambda data, status: data + bytes.fromhex(status), node, STATUS)
    return st.one_of(sound, sound, st.binary(max_size=64))


@settings(max_examples=300, deadline=None)
@example([b""], CONTACT)
@given(st.lists(answers(), min_size=1, max_size=30), st.sampled_from(list(Interface)))
def test_whatever_a_card_answers_is_a_reading_or_a_failure(
    replies: list[bytes], interface: Interface
) -> None:
    sent = 0

    def answer(_: bytes) -> bytes:
        nonlocal sent
        sent += 1
        return replies[(sent - 1) % len(replies)]

    found = outcome(answer, interface)
    if isinstance(found, Failure):
        assert found.words.code in texts()
        assert "4761739001010010" not in str(found)
    else:
        assert 12 <= len(found.pan.reveal()) <= 19
    assert sent <= MAX_COMMANDS


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(READABLE), st.integers(0, 12), st.integers(0, 400), st.integers(1, 255))
def test_a_flipped_byte_gives_a_reading_or_a_failure(
    card: tuple[str, Interface], turn: int, at: int, flip: int
) -> None:
    emulated = CardOs(cards()[card[0]], card[1])
    atr = emulated.activate()
    count = -1

    def answer(command: bytes) -> bytes:
        nonlocal count
        count += 1
        reply = bytearray(emulated.answer(command))
        if count == turn:
            reply[at % len(reply)] ^= flip
        return bytes(reply)

    found = outcome(answer, card[1], atr)
    if isinstance(found, Failure):
        assert found.words.code in texts()
