"""Readiness and watchdog pings go where systemd listens, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual
from worlds.stories import beside, told_by

from pos_terminal.services.process.health import Heartbeat, Notifier


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        yield ear


def heard(ear: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(ear.recv(4096).decode())
        except BlockingIOError:
            return messages


def test_ready_is_said_once_where_somebody_listens(listening: socket.socket) -> None:
    Notifier({"NOTIFY_SOCKET": listening.getsockname()}).send("READY=1")
    assert heard(listening) == ["READY=1"]


def test_an_abstract_socket_will_do() -> None:
    name = f"pos-terminal-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + name)
        ear.setblocking(False)
        Notifier({"NOTIFY_SOCKET": "@" + name}).send("STATUS=x")
        assert heard(ear) == ["STATUS=x"]


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    Notifier({}).send("READY=1")
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send("READY=1")


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "10000000"}, 10 / 3),
        ({"WATCHDOG_USEC": "nonsense"}, None),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_interval_is_a_third_of_the_watchdogs(
    environment: dict[str, str], interval: float | None
) -> None:
    assert Notifier(environment).interval == (None if interval is None else pytest.approx(interval))


def test_pings_come_in_time_and_a_late_loop_is_reported(
    listening: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    async def main(loop: VirtualLoop) -> float:
        environment = {"NOTIFY_SOCKET": listening.getsockname(), "WATCHDOG_USEC": "9000000"}
        late = 0.0
        heart = Heartbeat(Notifier(environment), lambda: loop.time() + late)
        async with beside(heart.run()):
            await asyncio.sleep(9.5)
            late = 0.4
            await asyncio.sleep(3)
        return heart.worst_lag

    with caplog.at_level(logging.WARNING):
        assert run_virtual(main) == pytest.approx(0.4)
    assert heard(listening) == ["WATCHDOG=1"] * 5
    assert "0.40 s late" in caplog.text


@told_by(run_virtual)
async def test_without_a_watchdog_the_heart_rests(loop: VirtualLoop) -> None:
    async with beside(Heartbeat(Notifier({}), loop.time).run()) as beating:
        await asyncio.sleep(86_400)
        assert not beating.done()
