"""No card number in any file; what a message needs again is sealed and later destroyed (R54)."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Drawn
from pos_terminal.services.ledger.books.messages import NEVER_STORED
from pos_terminal.services.proof.verify import verify
from pos_terminal.wire.iso8583.message import SECRET_FIELDS, Message
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.parts.request import Request


def traces_of(pan: Pan) -> list[bytes]:
    """The number as it might lie in a file: ASCII, UTF-16, BCD, and base64 at each alignment."""
    digits = pan.reveal().encode()
    shapes = [digits, pan.reveal().encode("utf-16-le"), bytes.fromhex(pan.reveal())]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + digits)
        shapes.append(encoded[4 if before else 0 : -4])
    return shapes


def all_bytes(world: World) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(world.folder.rglob("*")) if file.is_file())


@pytest.mark.parametrize("checkpointed", [False, True])
def test_no_file_holds_the_card_number(sold: World, checkpointed: bool) -> None:
    refund_id = sold.refunded(4000, State.UNKNOWN).refund_id
    sold.conclude(
        refund_id,
        State.ACCEPTED,
        4000,
        slips=(sold.slip(body=Refunded(Request("476173******0010"))),),
    )
    sold.seal(100)
    if checkpointed:
        sold.do(sold.store.tidy.once())
    found = all_bytes(sold)
    assert b"476173******0010" in found
    assert not [shape for shape in traces_of(sold.visa) if shape in found]


def test_the_search_finds_a_number_that_is_there(world: World) -> None:
    assert [
        shape in b"..." + bytes.fromhex(world.visa.reveal()) for shape in traces_of(world.visa)
    ][2]
    encoded = base64.b64encode(b'{"2":"' + world.visa.reveal().encode() + b'"}')
    assert any(shape in encoded for shape in traces_of(world.visa))


def test_the_request_opens_again_as_it_was_sealed(sold: World) -> None:
    sealed = sold.seal(4000)
    assert sold.store.messages.reopen(sealed.refund.refund_id) == sealed.message
    sold.reopen()
    again = sold.store.messages.reopen(sealed.refund.refund_id)
    assert again == sealed.message
    assert list(again.fields) == sorted(again.fields)


def test_a_leg_without_a_card_is_sealed_like_any_other(sold: World) -> None:
    number = sold.apply_for(4000).number

    def build(drawn: Drawn) -> Message:
        return Message("0220", {4: "000000004000", 11: drawn.stan})

    refund = sold.do(sold.store.seal(number, None, build)).refund
    assert (refund.state, refund.done, refund.masked) == (State.SEALED, 0, None)
    assert refund.match is CardMatch.NONE
    sold.conclude(refund.refund_id, State.ACCEPTED, 4000)
    verify(sold.path, sold.audit_key)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DECLINED, State.NOT_SENT])
def test_a_closed_record_opens_no_more(sold: World, state: State) -> None:
    refund_id = sold.refunded(4000, state, 4000 if state is State.ACCEPTED else 0).refund_id
    assert failure_of(sold.store.messages.reopen, refund_id) == "ledger.closed"


def test_an_open_record_opens_through_unknown(sold: World) -> None:
    sealed = sold.seal(4000)
    sold.conclude(sealed.refund.refund_id, State.UNKNOWN)
    assert sold.store.messages.reopen(sealed.refund.refund_id) == sealed.message


def slots(world: World) -> dict[str, int]:
    rows = world.store.db.execute("SELECT state, count(*) FROM key_slots GROUP BY state")
    return dict(map(tuple, rows))


def test_a_slot_is_used_then_spent_then_made_anew(sold: World) -> None:
    assert slots(sold) == {"free": 8}
    refund_id = sold.seal(4000).refund.refund_id
    assert slots(sold) == {"free": 7, "used": 1}
    kept = sold.store.db.execute("SELECT slot, secret FROM messages").fetchone()
    sold.conclude(refund_id, State.ACCEPTED, 4000)
    assert slots(sold) == {"free": 7, "spent": 1}
    sold.do(sold.store.tidy.once())
    assert slots(sold) == {"free": 8}
    with pytest.raises(Failure, match=r"keys\.sealed"):
        sold.vault.open(kept["slot"], f"refund/{refund_id}", kept["secret"])


def test_without_a_free_slot_nothing_is_sealed(tmp_path: Path) -> None:
    world = World(tmp_path, slots=1)
    world.sell()
    world.sell("S2")
    first = world.seal(100).refund
    assert failure_of(world.seal, 100, "S2") == "ledger.no_keys"
    assert world.tender("S2") == (0, 0)
    world.conclude(first.refund_id, State.DECLINED)
    world.do(world.store.tidy.once())
    assert world.seal(100).refund.state is State.SEALED
    world.close()


def test_a_damaged_key_is_passed_over_and_replaced(sold: World) -> None:
    with (sold.folder / "ring.bin").open("r+b") as ring:
        ring.write(secrets.token_bytes(40))
    refund_id = sold.seal(100).refund.refund_id
    assert slots(sold) == {"free": 6, "spent": 1, "used": 1}
    assert sold.store.messages.reopen(refund_id).get(2) == sold.visa.reveal()
    sold.do(sold.store.tidy.once())
    assert slots(sold) == {"free": 7, "used": 1}


def test_a_blob_of_another_record_does_not_open(sold: World) -> None:
    sold.sell("S2")
    sold.seal(100)
    sold.seal(200, "S2")
    db = sold.store.writer.db
    db.execute("UPDATE messages SET secret = (SELECT secret FROM messages WHERE refund_id = 1)")
    assert sold.store.messages.reopen(1).get(4) == "000000000100"
    assert failure_of(sold.store.messages.reopen, 2) == "keys.sealed"


@pytest.mark.parametrize("number", sorted(NEVER_STORED))
def test_tracks_pin_and_chip_data_are_not_even_sealed(world: World, number: int) -> None:
    assert NEVER_STORED <= SECRET_FIELDS
    world.sell()
    application = world.apply_for(100).number
    build = world.request(100, **{f"f{number}": "00"})
    with pytest.raises(ValueError, match="never stored"):
        world.do(world.store.seal(application, world.card(), build))
    assert world.tender() == (0, 0)


@pytest.mark.parametrize(
    "more", [{"f2": "5413330089020011"}, {"f11": "999998"}, {"f64": "00"}, {"f63": "PAN"}]
)
def test_a_request_that_is_not_what_was_drawn_is_refused(
    world: World, more: dict[str, str]
) -> None:
    if more == {"f63": "PAN"}:
        more = {"f63": f"x{world.visa.reveal()}"}
    world.sell()
    application = world.apply_for(100).number
    with pytest.raises(ValueError, match=r"request|card number") as caught:
        world.do(world.store.seal(application, world.card(), world.request(100, **more)))
    assert world.visa.reveal() not in str(caught.value)
    assert world.tender() == (0, 0)
    assert slots(world) == {"free": 8}


def test_nothing_is_sealed_without_a_vault(sold: World) -> None:
    sold.store.close()
    sold.store = sold.open(vault=None)
    assert failure_of(sold.seal, 100) == "ledger.no_keys"
