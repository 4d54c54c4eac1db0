"""Every fault on the line, in virtual time: what the terminal sees, and what was paid."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hw_sim.acquirer.caller import Caller
from hw_sim.acquirer.faults import MODES, Faults, ModeError, make_fault
from hw_sim.acquirer.listener import InProcess
from hw_sim.acquirer.server import Acquirer
from hw_sim.virtual import VirtualClock, VirtualLoop, run_virtual
from worlds.acquirer import NOW, TERMINAL, a_sale, request_of
from worlds.stories import told_by

from pos_terminal import profiles
from pos_terminal.core.answers import Trust
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.keys import KeyExchangeError
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.requests import EntryMode, RefundRequest

SALE = a_sale("6228480402564890018")


class World:
    """An acquirer and one signed-on caller on the virtual loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        clock = VirtualClock(loop, NOW)
        self.acquirer = Acquirer(profiles.load("cup"), [TERMINAL], clock.now)
        self.acquirer.add_sales([SALE])
        self.lines = InProcess(self.acquirer)
        self.caller = Caller(self.acquirer.profile, TERMINAL)
        self.stan = 1

    async def begin(self) -> None:
        await self.caller.connect(self.lines.connect)
        await self.caller.sign_on()

    def request(self, amount: int = 1_000) -> RefundRequest:
        self.stan += 1
        return request_of(TERMINAL, SALE, f"{self.stan:06d}", amount=amount, entry=EntryMode.CHIP)

    def refund(self) -> Message:
        return requests.refund(self.acquirer.profile, self.request())

    def void(self) -> Message:
        return requests.void(self.acquirer.profile, self.request(SALE.amount))

    @property
    def paid(self) -> int:
        return sum(row["paid"] for row in self.acquirer.ledger())

    def faulted(self) -> list[list[str]]:
        return [entry["faults"] for entry in self.acquirer.log.entries() if "faults" in entry]


def play(script: Callable[[World], Awaitable[None]]) -> None:
    async def main(loop: VirtualLoop) -> None:
        world = World(loop)
        await world.begin()
        await script(world)
        world.caller.close()
        await world.lines.close()

    run_virtual(main)


@told_by(play)
async def test_normal(world: World) -> None:
    request = world.refund()
    answer = await world.caller.ask(request)
    assert matches(world.acquirer.profile, request, answer.message) is None
    assert world.caller.codec.trust(answer, world.caller.mak) is Trust.VALID
    assert world.paid == 1_000


@told_by(play)
async def test_swallow(world: World) -> None:
    world.acquirer.set_mode("swallow", count=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(world.caller.ask(world.refund()), 60)
    assert world.loop.time() == 60
    assert world.paid == 0
    assert (await world.caller.ask(world.refund())).message.get(39) == "00"


@told_by(play)
async def test_drop_answer(world: World) -> None:
    request = world.refund()
    world.acquirer.set_mode("drop-answer", count=1)
    with pytest.raises(EOFError):
        await world.caller.ask(request)
    assert world.paid == 1_000
    await world.caller.connect(world.lines.connect)
    assert (await world.caller.ask(request)).message.get(39) == "00"
    assert world.paid == 1_000


@told_by(play)
async def test_delay_answers_late_and_out_of_order(world: World) -> None:
    world.acquirer.set_mode("delay:75.5", count=1)
    late, prompt = world.refund(), world.refund()
    await world.caller.send(world.caller.codec.encode(late, world.caller.mak))
    answer = await world.caller.ask(prompt)
    assert answer.message.get(11) == prompt.get(11)
    assert world.loop.time() < 1
    assert (await world.caller.receive()).message.get(11) == late.get(11)
    assert world.loop.time() == pytest.approx(75.5)
    assert world.paid == 2_000


@told_by(play)
async def test_a_late_answer_to_a_line_that_is_gone_is_nobodys_error(world: World) -> None:
    world.acquirer.set_mode("delay:30", count=1)
    await world.caller.send(world.caller.codec.encode(world.refund(), world.caller.mak))
    await world.caller.connect(world.lines.connect)
    assert (await world.caller.ask(world.refund())).message.get(39) == "00"
    await asyncio.sleep(60)
    assert world.paid == 2_000


@pytest.mark.parametrize(("mode", "trust"), [("wrong-mac", Trust.WRONG), ("no-mac", Trust.MISSING)])
@told_by(play)
async def test_answers_that_prove_nothing(world: World, mode: str, trust: Trust) -> None:
    world.acquirer.set_mode(mode, count=1)
    answer = await world.caller.ask(world.refund())
    assert world.caller.codec.trust(answer, world.caller.mak) is trust
    assert world.acquirer.log.entries()[-1]["mac"] == trust
    assert world.paid == 1_000


@pytest.mark.parametrize("mode", ["half-frame", "cut:7", "cut:1"])
@told_by(play)
async def test_part_of_an_answer(world: World, mode: str) -> None:
    world.acquirer.set_mode(mode, count=1)
    with pytest.raises(EOFError, match="inside a frame"):
        await world.caller.ask(world.refund())
    assert world.paid == 1_000


@told_by(play)
async def test_cut_before_the_first_byte(world: World) -> None:
    world.acquirer.set_mode("cut:0", count=1)
    with pytest.raises(EOFError, match=r"ended$"):
        await world.caller.ask(world.refund())


@told_by(play)
async def test_two_answers(world: World) -> None:
    world.acquirer.set_mode("two-answers", count=1)
    first = await world.caller.ask(world.refund())
    assert (await world.caller.receive()).message == first.message
    assert world.paid == 1_000


@told_by(play)
async def test_a_lie_is_paid_all_the_same(world: World) -> None:
    world.acquirer.set_mode("lie:05", count=1)
    answer = (await world.caller.ask(world.refund())).message
    assert (answer.get(39), answer.get(4), world.paid) == ("05", None, 1_000)


@pytest.mark.parametrize(("lie", "said"), [("", "05"), ("lie:77", "77")])
@told_by(play)
async def test_what_it_regrets_comes_first_and_the_truth_behind(
    world: World, lie: str, said: str
) -> None:
    world.acquirer.set_mode("regret:3", count=1)
    if lie:
        world.acquirer.set_mode(lie, count=1, also=True)
    assert (await world.caller.ask(world.refund())).message.get(39) == said
    truth = (await world.caller.receive()).message
    assert (truth.get(39), truth.get(4), world.paid) == ("00", "000000001000", 1_000)


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("other-stan", "11"),
        ("other-terminal", "41"),
        ("other-batch", "60.2"),
        ("other-card", "2"),
        ("wrong-amount", "4"),
    ],
)
@told_by(play)
async def test_answers_to_something_else(world: World, mode: str, what: str) -> None:
    world.acquirer.set_mode(mode, count=1)
    request = world.refund()
    answer = await world.caller.ask(request)
    assert world.caller.codec.mac_ok(answer, world.caller.mak)
    mismatch = matches(world.acquirer.profile, request, answer.message)
    assert mismatch is not None
    assert mismatch.what == what
    assert world.paid == 1_000


@pytest.mark.parametrize("code", ["51", "96", "A0", "77", "94", "ZZ"])
@told_by(play)
async def test_any_code_without_processing(world: World, code: str) -> None:
    world.acquirer.set_mode(f"code:{code}", count=1)
    request = world.refund()
    answer = await world.caller.ask(request)
    assert answer.message.get(39) == code
    assert world.caller.codec.mac_ok(answer, world.caller.mak)
    assert world.paid == 0
    assert (await world.caller.ask(request)).message.get(39) == "00", "nothing was remembered"


@pytest.mark.parametrize(("code", "rows"), [("51", 1), ("04", 1), ("96", 0), ("A0", 0), ("77", 0)])
@told_by(play)
async def test_a_decline_by_order_is_an_attempt_in_the_ledger(
    world: World, code: str, rows: int
) -> None:
    world.acquirer.set_mode(f"code:{code}")
    for kind, request in (("refund", world.refund()), ("void", world.void())):
        answer = await world.caller.ask(request)
        found = [row for row in world.acquirer.ledger() if row["kind"] == kind]
        assert len(found) == rows
        for row in found:
            assert (row["amount"], row["paid"]) == (int(request.fields[4]), 0)
            assert (row["state"], row["response"]) == ("declined", code)
            assert (row["stan"], row["rrn"]) == (request.fields[11], answer.message.get(37))
            assert row["original_rrn"] == SALE.rrn


@told_by(play)
async def test_a_code_spares_the_sign_on_and_meets_reversals(world: World) -> None:
    world.acquirer.set_mode("code:96")
    assert (await world.caller.sign_on()).message.get(39) == "00"
    reversal = requests.reversal(world.acquirer.profile, world.void())
    assert (await world.caller.ask(reversal)).message.get(39) == "96"


@pytest.mark.parametrize("code", ["11", "A2", "a6"])
@told_by(play)
async def test_accepted_with_a_defect_is_paid(world: World, code: str) -> None:
    world.acquirer.set_mode(f"code:{code}", count=1)
    answer = await world.caller.ask(world.refund())
    assert answer.message.get(39) == code.upper()
    assert world.paid == 1_000


@told_by(play)
async def test_part_of_a_refund(world: World) -> None:
    world.acquirer.set_mode("partial:400", count=1)
    request = world.refund()
    answer = await world.caller.ask(request)
    assert (answer.message.get(39), answer.message.get(4)) == ("10", "000000000400")
    assert matches(world.acquirer.profile, request, answer.message) is None
    assert world.paid == 400


@told_by(play)
async def test_a_reversal_that_nobody_asked_for(world: World) -> None:
    world.acquirer.set_mode("as-reversal:25", count=1)
    request = world.void()
    answer = await world.caller.ask(request)
    assert (answer.message.mti, answer.message.get(39)) == ("0410", "25")
    assert answer.message.get(11) == request.get(11)
    assert world.caller.codec.mac_ok(answer, world.caller.mak)
    assert world.paid == int(request.fields[4]), "the void itself was taken"


@told_by(play)
async def test_host_demand(world: World) -> None:
    world.acquirer.set_mode("demand:3", count=1)
    assert (await world.caller.ask(world.refund())).message.header.demand == "3"
    assert (await world.caller.ask(world.refund())).message.header.demand == "0"


@told_by(play)
async def test_bad_check_values_meet_the_sign_on(world: World) -> None:
    world.acquirer.set_mode("bad-kcv", count=1)
    assert (await world.caller.ask(world.refund())).message.get(39) == "00"
    with pytest.raises(KeyExchangeError):
        await world.caller.sign_on()
    assert (await world.caller.ask(world.refund())).message.get(39) == "00"


@told_by(play)
async def test_refuse(world: World) -> None:
    world.acquirer.set_mode("refuse", count=2)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await world.caller.connect(world.lines.connect)
    await world.caller.connect(world.lines.connect)
    world.acquirer.set_mode("refuse")
    with pytest.raises((EOFError, ConnectionError)):
        await world.caller.receive()
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await world.caller.connect(world.lines.connect)


@told_by(play)
async def test_close_after_accept(world: World) -> None:
    world.acquirer.set_mode("close-after-accept", count=1)
    await world.caller.connect(world.lines.connect)
    with pytest.raises((EOFError, ConnectionError)):
        await world.caller.ask(world.refund())
    assert world.paid == 0


@told_by(play)
async def test_a_fault_keeps_to_its_kinds_and_its_count(world: World) -> None:
    world.acquirer.set_mode("no-mac", count=1, on=["void"])
    await world.caller.ask(world.refund())
    assert world.faulted()[-1] == []
    await world.caller.ask(world.void())
    assert world.faulted()[-1] == ["no-mac"]
    await world.caller.ask(world.void())
    assert world.faulted()[-1] == []


@told_by(play)
async def test_a_sign_on_can_be_hit_too(world: World) -> None:
    world.acquirer.set_mode("drop-answer", count=1, on=["sign-on"])
    with pytest.raises(EOFError):
        await world.caller.sign_on()
    await world.caller.connect(world.lines.connect)
    answer = await world.caller.ask(world.refund())
    assert answer.message.get(39) == "A0", "the acquirer has new keys, the terminal has not"


@told_by(play)
async def test_faults_add_up_only_when_asked(world: World) -> None:
    world.acquirer.set_mode("forgetful")
    world.acquirer.set_mode("demand:3", count=1, also=True)
    await world.caller.ask(world.refund())
    assert world.faulted()[-1] == ["demand", "forgetful"]
    world.acquirer.set_mode("two-answers")
    assert [fault.name for fault in world.acquirer.faults.active] == ["two-answers"]
    world.acquirer.set_mode("normal")
    assert world.acquirer.faults.active == ()


@pytest.mark.parametrize("cut", [1, 2, 3, 50])
@told_by(play)
async def test_requests_may_come_in_pieces(world: World, cut: int) -> None:
    frame = world.caller.codec.encode(world.refund(), world.caller.mak)
    for at in range(0, len(frame), cut):
        await world.caller.send(frame[at : at + cut])
        await asyncio.sleep(0)
    assert (await world.caller.receive()).message.get(39) == "00"


@pytest.mark.parametrize("garbage", [b"\xff" * 40, b"\x00\x05hello", b"GET / HTTP/1.1\r\n\r\n"])
@told_by(play)
async def test_garbage_ends_its_own_line_only(world: World, garbage: bytes) -> None:
    await world.caller.send(garbage)
    with pytest.raises((EOFError, ConnectionError)):
        await world.caller.receive()
    assert any("garbage" in e.get("note", "") for e in world.acquirer.log.entries())
    await world.caller.connect(world.lines.connect)
    assert (await world.caller.ask(world.refund())).message.get(39) == "00"


@told_by(play)
async def test_the_log_has_both_directions_masked(world: World) -> None:
    await world.caller.ask(world.refund())
    sent, answered = world.acquirer.log.entries()[-2:]
    assert (sent["direction"], sent["mti"], sent["function"]) == ("in", "0220", "refund")
    assert (answered["direction"], answered["mti"]) == ("out", "0230")
    assert sent["fields"]["2"] == "622848*********0018"
    assert sent["mac"] == answered["mac"] == "valid"
    assert "62" not in world.acquirer.log.entries()[2]["fields"], "session keys"


# --- modes as words ---


def test_every_mode_explains_itself() -> None:
    values = {"delay": "5", "cut": "7", "code": "51", "partial": "100", "demand": "3"}
    values["as-reversal"] = "00"
    values |= {"lie": "05", "regret": "5"}
    assert {name for name, mode in MODES.items() if mode.value is not None} == set(values)
    for name, mode in MODES.items():
        assert mode.about
        text = f"{name}:{values[name]}" if name in values else name
        fault = make_fault(text)
        assert fault is not None
        assert fault.on == mode.on


@pytest.mark.parametrize(
    ("text", "count", "on"),
    [
        ("explode", None, ()),
        ("swallow:3", None, ()),
        ("delay", None, ()),
        ("delay:soon", None, ()),
        ("delay:-1", None, ()),
        ("delay:nan", None, ()),
        ("cut:x", None, ()),
        ("code:123", None, ()),
        ("code:", None, ()),
        ("demand:33", None, ()),
        ("swallow", 0, ()),
        ("swallow", None, ("lunch",)),
    ],
)
def test_a_wrong_mode_is_refused(text: str, count: int | None, on: tuple[str, ...]) -> None:
    with pytest.raises(ModeError):
        make_fault(text, count, on)


def test_counts_go_down_together() -> None:
    faults = Faults()
    faults.set(make_fault("swallow", 2))
    faults.set(make_fault("delay:1", 1), also=True)
    assert set(faults.take("refund")) == {"swallow", "delay"}
    assert faults.take("sign_on") == {}
    assert set(faults.take("void")) == {"swallow"}
    assert faults.take("void") == {}
