"""Who may ask what: the verbs of each class, and whom the kernel says that we talk to."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from worlds.config import FILE
from worlds.control import ME, Client, in_classes, listening, serve
from worlds.failures import failure_of
from worlds.stories import beside, on_a_loop

from pos_terminal.config import Control, load
from pos_terminal.control.classes import VERBS, Class, Classes, allowed
from pos_terminal.control.peer import Peer, group_id, peer_of, user_id
from pos_terminal.control.refusals import DAY, MOST_CALLERS, OTHERS, Refusals
from pos_terminal.control.server import ControlServer, Verb
from pos_terminal.core.words import Failure

OF_THE_ISSUE = {
    "till": {"state", "voucher", "redeem", "draw-stan", "stock"},
    "feed": {"import-sales", "stock"},
    "acquirer": {"import-outcomes"},
    "status": {"status"},
    "technician": {"state", "case-step"},
    "bench": {
        "state", "voucher", "redeem", "draw-stan", "import-sales", "import-outcomes",
        "stock", "status", "case-step", "screen", "screens", "wait",
    },
}  # fmt: skip
SOMEBODY = 4_321


def somebody(uid: int = SOMEBODY, *gids: int) -> Peer:
    return Peer(uid, frozenset(gids))


@pytest.mark.parametrize("one", Class)
def test_a_class_has_its_verbs_and_no_others(one: Class) -> None:
    assert VERBS[one] == OF_THE_ISSUE[one]
    classes = in_classes(**{one.value: [str(SOMEBODY)]}).of(somebody())
    assert classes == {one}
    assert allowed(classes) == OF_THE_ISSUE[one]


def test_nobody_is_anything_by_default_but_the_terminals_user_and_root_technicians() -> None:
    classes = Classes(Control(socket="-"), own_uid=992)
    assert classes.of(somebody(992)) == classes.of(somebody(0)) == {Class.TECHNICIAN}
    assert classes.of(somebody()) == frozenset()
    assert classes.of(somebody(SOMEBODY, 0, 992)) == frozenset(), "a group is no user"
    assert allowed(frozenset()) == frozenset()


def test_who_is_in_several_classes_has_the_verbs_of_all() -> None:
    classes = in_classes(till=[str(SOMEBODY)], feed=["@77"], acquirer=["78", "@79"])
    found = classes.of(somebody(SOMEBODY, 5, 77))
    assert found == {Class.TILL, Class.FEED}
    assert allowed(found) == OF_THE_ISSUE["till"] | OF_THE_ISSUE["feed"]
    assert classes.of(somebody(77)) == frozenset(), "a user's number is no group's"


def test_names_are_looked_up_and_the_unknown_are_nobody() -> None:
    assert user_id("root") == group_id("root") == 0
    classes = in_classes(till=["no-such-till", "@no-such-group", "4321"], feed=["daemon"])
    assert classes.unknown == ["no-such-till", "@no-such-group"]
    assert classes.of(somebody()) == {Class.TILL}
    assert classes.of(somebody(user_id("daemon") or 0)) == {Class.FEED}


@pytest.mark.parametrize("member", ["", "@", "two names", "@@tills"])
def test_what_is_no_name_is_a_fault_of_the_file(tmp_path: Path, member: str) -> None:
    file = tmp_path / "terminal.toml"
    file.write_text(f'{FILE}[control.classes]\ntill = ["{member}"]\n', "utf-8")
    assert failure_of(lambda: load(file)) == "config.option"


# --- whom the kernel names ------------------------------------------------------------------------


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


_ASK_AS = """
import os, socket, sys
path, uid, gid, *groups = sys.argv[1:]
os.setgroups(list(map(int, groups)))
os.setgid(int(gid))
os.setuid(int(uid))
with socket.socket(socket.AF_UNIX) as link:
    link.connect(path)
    link.sendall(b'{"verb": "state"}\\n')
    sys.stdout.buffer.write(link.makefile("rb").readline())
"""


def ask_as(path: Path, uid: int, gid: int, groups: Sequence[int]) -> bytes:
    """What another user of this machine is answered."""
    who = map(str, (uid, gid, *groups))
    command = [sys.executable, "-I", "-c", _ASK_AS, str(path), *who]
    return subprocess.run(command, capture_output=True, check=True, timeout=30).stdout


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")


@needs_root
@pytest.mark.parametrize("groups", [(), (71, 72), range(2_000, 3_000)], ids=len)
def test_the_kernel_says_user_group_and_every_further_group(
    public: Path, groups: Sequence[int]
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(public / "socket"))
        (public / "socket").chmod(0o666)
        listener.listen()
        with ThreadPoolExecutor() as pool:
            asking = pool.submit(ask_as, public / "socket", SOMEBODY, 70, groups)
            connection, _ = listener.accept()
            with connection:
                assert peer_of(connection) == Peer(SOMEBODY, frozenset({70, *groups}))
                assert connection.recv(100) == b'{"verb": "state"}\n'
                connection.sendall(b"yes\n")
            assert asking.result() == b"yes\n"


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    return {"said": request.get("what")}


VERBS_OF_ALL: dict[str, Verb] = dict.fromkeys(OF_THE_ISSUE["bench"], echo)


@needs_root
@on_a_loop
async def test_a_till_in_a_further_group_is_served_and_another_user_is_not(public: Path) -> None:
    path = public / "control"
    server = serve(path, VERBS_OF_ALL, classes=in_classes(till=["@71"]))
    async with beside(server.run()):
        await listening(path)
        path.chmod(0o666)
        served = await asyncio.to_thread(ask_as, path, SOMEBODY, 70, (69, 71))
        refused = await asyncio.to_thread(ask_as, path, SOMEBODY, 70, (69,))
    assert b'"ok": true' in served
    assert b'"cause": "control.class"' in refused


# --- what is refused ------------------------------------------------------------------------------


def told_a_stranger(path: Path, **options: Any) -> ControlServer:
    """Root, who may run these tests, is no stranger by itself."""
    options |= {"classes": in_classes(), "peer": lambda _: somebody()}
    return serve(path, VERBS_OF_ALL, **options)


async def answers_of(server: ControlServer, path: Path, verbs: Sequence[str]) -> list[Any]:
    async with beside(server.run()):
        await listening(path)
        answers = []
        for verb in verbs:
            client = await Client.to(path)
            answers.append(await client.ask(verb=verb))
            client.close()
        return answers


@on_a_loop
async def test_in_no_class_nothing_is_answered_not_even_what_is_no_verb(tmp_path: Path) -> None:
    path = tmp_path / "control"
    for answer in await answers_of(told_a_stranger(path), path, (*VERBS_OF_ALL, "?", "")):
        assert (answer["ok"], answer["cause"]) == (False, "control.class")
        assert "known verbs" not in answer["error"]


@on_a_loop
async def test_a_class_is_refused_the_verbs_of_others_and_told_its_own(tmp_path: Path) -> None:
    path = tmp_path / "control"
    server = serve(path, VERBS_OF_ALL, classes=in_classes(technician=[ME]))
    asked = ("redeem", "import-outcomes", "screen", "state", "?")
    redeem, take, screen, state, odd = await answers_of(server, path, asked)
    for answer in (redeem, take, screen):
        assert (answer["ok"], answer["cause"]) == (False, "control.class")
    assert state["ok"]
    assert odd["error"] == "known verbs: case-step, state"


@on_a_loop
async def test_a_stranger_is_answered_once_and_sent_away(tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with beside(told_a_stranger(path).run()):
        await listening(path)
        for line in (b"nonsense\n", b'{"verb": "state"}\n{"verb": "state"}\n'):
            client = await Client.to(path)
            assert (await client.raw(line))["cause"] == "control.class"
            assert await client.closed()
            client.close()


# --- what is written down -------------------------------------------------------------------------


class Log:
    def __init__(self) -> None:
        self.entries: list[tuple[str, dict[str, str | int]]] = []
        self.refusals = Refusals()
        self.refusals.note = self.note

    async def note(self, kind: str, facts: Any) -> None:
        self.entries.append((kind, dict(facts)))

    async def refuse(self, uid: int, times: int, now: float) -> None:
        for _ in range(times):
            await self.refusals.add(uid, "redeem", now)

    def times(self, uid: int) -> list[str | int]:
        return [facts["times"] for _, facts in self.entries if facts["uid"] == uid]


@on_a_loop
async def test_a_refusal_is_an_entry_and_a_thousand_of_them_are_four() -> None:
    log = Log()
    await log.refuse(SOMEBODY, 1, now=0.0)
    assert log.entries == [("control_refused", {"uid": SOMEBODY, "verb": "redeem", "times": 1})]
    await log.refuse(SOMEBODY, 4_999, now=3_600.0)
    assert log.times(SOMEBODY) == [1, 10, 100, 1_000]
    await log.refuse(SOMEBODY, 1, now=DAY)
    assert log.times(SOMEBODY)[-1] == 1, "the next day counts anew"


@on_a_loop
async def test_a_caller_who_changes_its_number_fills_no_log_either() -> None:
    log = Log()
    for uid in range(10_000):
        await log.refuse(uid, 1, now=0.0)
    assert len(log.entries) < MOST_CALLERS + 10
    assert log.times(OTHERS) == [1, 10, 100, 1_000]


@on_a_loop
async def test_a_log_gets_no_text_of_a_stranger(tmp_path: Path) -> None:
    log, path = Log(), tmp_path / "control"
    async with beside(told_a_stranger(path, refusals=log.refusals).run()):
        await listening(path)
        client = await Client.to(path)
        answer = await client.ask(verb="4761739001010010")
        client.close()
    assert log.entries == [("control_refused", {"uid": SOMEBODY, "verb": "", "times": 1})]
    assert "4761739001010010" not in str(answer)


@on_a_loop
async def test_on_a_full_disk_a_refusal_is_a_refusal_all_the_same(tmp_path: Path) -> None:
    async def full(kind: str, facts: Any) -> None:
        raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")

    refusals, path = Refusals(), tmp_path / "control"
    refusals.note = full
    (answer,) = await answers_of(told_a_stranger(path, refusals=refusals), path, ["redeem"])
    assert answer["cause"] == "control.class"


@on_a_loop
async def test_without_a_ledger_a_refusal_is_a_refusal_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "control"
    (answer,) = await answers_of(told_a_stranger(path), path, ["redeem"])
    assert answer["cause"] == "control.class"
