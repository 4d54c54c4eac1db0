"""``hw-sim up``: ready means usable, a stop leaves nothing, a killed bench is cleared away."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hw_sim.bench import identity
from hw_sim.bench.at_terminal import terminal_command, terminal_environment
from hw_sim.bench.client import ask
from hw_sim.bench.processes import Process, alive
from hw_sim.bench.running import Hands, RunningBench, RunningTerminal, until
from hw_sim.bench.shop import Shop
from hw_sim.cli import main
from hw_sim.device import BenchError
from worlds.sales import a_foreign_record
from worlds.shop import QUICK_PAPER

from pos_terminal.config import load

EXECUTABLE = Path(__file__).parents[2] / "hw-sim" / "hw-sim"


def processes(bench: RunningBench) -> list[Process]:
    noted = json.loads(bench.files.leftovers.read_text())
    return [Process(pid, started) for pid, started in noted["processes"]]


def runtime(bench: RunningBench) -> Path:
    return Path(json.loads(bench.files.leftovers.read_text())["runtime"])


def ends(bench: RunningBench) -> dict[str, Any]:
    return dict(json.loads(bench.files.bench.read_text()))


def test_ready_means_that_everything_is_there_and_a_stop_leaves_nothing(tmp_path: Path) -> None:
    with RunningBench(tmp_path) as bench:
        found = ends(bench)
        assert set(found) >= {"readers", "printer", "acquirer", "inputs", "control"}
        for interface in ("contact", "tap"):
            assert found["readers"][interface]["name"]
            assert found["readers"][interface]["card"].startswith("127.0.0.1:")
        assert Path(found["printer"]["port"]).exists()
        assert set(found["inputs"]) >= {"keypad", "scanner"}
        host, port = found["acquirer"].split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        people = json.loads(bench.files.people.read_text())
        facts = {"name", "number", "pin", "role"}
        assert all(one.keys() - {"badge"} == facts for one in people)
        assert len(str(found["control"])) < 100
        started, short = processes(bench), runtime(bench)
        assert len([one for one in started if alive(one)]) >= 3
        assert bench.stop() == 0
    assert [one for one in started if alive(one)] == []
    assert not short.exists()
    assert not bench.files.bench.exists()


def test_a_folder_in_use_is_refused_and_the_bench_in_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RunningBench(tmp_path, "--no-card-service") as bench:
        assert ends(bench)["readers"] == {}
        assert main(["up", str(tmp_path)]) == 1
        assert f"already up in {tmp_path} (process {bench.pid})" in capsys.readouterr().err
        assert Hands(tmp_path).receipts() == []


def test_a_killed_bench_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    with RunningBench(tmp_path) as bench:
        started, short = processes(bench), runtime(bench)
        pins = bench.files.people.read_text()
        bench.kill()
    with RunningBench(tmp_path) as again:
        assert [one for one in started if alive(one)] == []
        assert not short.exists()
        assert again.files.people.read_text() != pins


def test_a_terminal_that_still_runs_keeps_its_folder(tmp_path: Path) -> None:
    # without the emulated kernel, which may end a process that asks it something as it goes
    alone = ["env", "-u", "LD_PRELOAD", "-u", "UMOCKDEV_DIR"]
    with RunningBench(tmp_path, "--no-card-service") as bench:
        with RunningTerminal(bench.files, [*alone, *terminal_command([], bench.files)]):
            Hands(tmp_path).wait("login.number", 60)
            bench.stop()
            again = RunningBench(tmp_path)
            with pytest.raises(BenchError, match=f"the terminal of {tmp_path} still runs"), again:
                pass
        assert bench.files.data.exists()


def test_a_second_terminal_ends_at_once_and_the_first_goes_on(tmp_path: Path) -> None:
    with (
        RunningBench(tmp_path, "--no-card-service") as bench,
        RunningTerminal(bench.files) as first,
    ):
        hands = Hands(tmp_path)
        hands.wait("login.number", 60)
        for command in (terminal_command([], bench.files), hw_sim_terminal(bench)):
            second = subprocess.run(
                command,
                env=terminal_environment(bench.files),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert (second.returncode, second.stdout) == (1, "")
            assert "The terminal runs already" in second.stderr
            assert "stop it first" in second.stderr
        assert hands.screen()["prompt"] == "login.number"
        first.kill()
        with RunningTerminal(bench.files):
            hands.wait("login.number", 60)


def hw_sim_terminal(bench: RunningBench) -> list[str]:
    return [sys.executable, "-P", "-m", "hw_sim", "terminal", str(bench.folder)]


def test_a_folder_that_cannot_be_made_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["up", str(tmp_path / "file" / "shop")]) == 1
    assert "hw-sim up: " in capsys.readouterr().err


def test_a_broken_sales_file_stops_the_start_and_leaves_nothing(tmp_path: Path) -> None:
    further = tmp_path / "further.jsonl"
    further.write_text('{"sale_id": "F-1", "tenders": [], "what": 1}\n')
    bench = RunningBench(tmp_path / "shop", "--no-card-service", "--sales", str(further))
    with pytest.raises(BenchError, match="import-sales failed"), bench:
        pass
    assert not bench.files.leftovers.exists()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_somebody_elses_acquirer_and_printer_take_the_places_of_ours(tmp_path: Path) -> None:
    """Plays that somebody with the bench's own acquirer, started apart, in plain TCP."""
    port = free_port()
    acquirer = f"127.0.0.1:{port}"
    further = tmp_path / "further.jsonl"
    further.write_text(json.dumps(a_foreign_record("4012888888881881")) + "\n")
    words = ("--acquirer", acquirer, "--printer", "tcp://127.0.0.1:9", "--sales", str(further))
    with RunningBench(tmp_path / "shop", *words) as bench:
        config = load(bench.files.config)
        assert config.acquirer.private_line
        assert config.acquirer.repeat == "never"
        assert config.printer.port == "tcp://127.0.0.1:9"
        assert ends(bench)["acquirer"] == acquirer
        assert ends(bench)["printer"] == {"port": "tcp://127.0.0.1:9", "tcp": "127.0.0.1:9"}
        assert "4012888888881881" not in bench.files.sales.read_text()
        with pytest.raises(BenchError, match="nothing that does `acquirer`"):
            Hands(bench.folder).acquirer("ledger")
        theirs = separate_acquirer(acquirer, bench)
        try:
            with RunningTerminal(bench.files):
                Hands(bench.folder).wait("login.number", 60)
                wait_state(bench, lambda state: bool(state["host"]["signed_on"]), "the sign-on")
        finally:
            theirs.communicate()  # standard input ends, and so does the acquirer


def separate_acquirer(listen: str, bench: RunningBench) -> subprocess.Popen[bytes]:
    known = ["--keys", str(bench.files.acquirer_keys), "--sales", str(bench.files.acquirer_sales)]
    command = [sys.executable, "-P", "-m", "hw_sim.acquirer", "--with-parent", *known]
    process = subprocess.Popen(
        [*command, "--listen", listen, "--admin", str(runtime(bench) / "theirs.sock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"ready")
    return process


def wait_state(bench: RunningBench, good: Callable[[Any], bool], what: str) -> None:
    control = ends(bench)["control"]
    until(lambda: ask(control, {"verb": "state"}, seconds=5), good, 20, what)


def test_a_pulled_keypad_does_not_hang_up_a_terminal_in_a_session_of_its_own(
    tmp_path: Path,
) -> None:
    with RunningBench(tmp_path, "--no-card-service") as bench:
        terminal = subprocess.Popen(
            [EXECUTABLE, "terminal", str(tmp_path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            hands = Hands(tmp_path)
            hands.wait("login.number", 60)
            hands.do("unplug", "keypad")
            hands.do("plug", "keypad")
            wait_state(bench, lambda state: bool(state["devices"]["keypad"]["up"]), "the keypad")
            hands.type("101")
            hands.wait("login.pin")
        finally:
            terminal.terminate()
            assert terminal.wait(15) == 0


def test_english_and_another_acquirer_that_pays_a_ticket_by_reference(tmp_path: Path) -> None:
    """No card reader at all: both accounts get their part, by TLS, as `generic` has it (R29)."""
    words = ("--language", "en", "--no-card-service", "--profile", "generic", *QUICK_PAPER)
    with Shop(tmp_path, *words) as shop:
        shop.open_up()
        assert "Scan the receipt" in shop.hands.rows()
        sale = shop.hands.sample("two-cards-older")
        shop.clerk.scan(sale)
        shop.clerk.ask_for_ticket()
        to_supervisor(shop)
        shop.clerk.approve()
        for _ in range(2):
            shop.clerk.see("card.present")
            shop.hands.press("menu")
            shop.clerk.see("card.absent")
            shop.hands.press("enter")
            to_supervisor(shop)
            shop.clerk.approve(1)
            shop.clerk.see("result", 60)
            shop.clerk.see_text("Refund approved")
            shop.hands.press("enter")
        shop.clerk.see("home")
        books = shop.at_rest()
        ours = [one for one in books.terminal["refunds"] if one["sale_id"] == sale["sale_id"]]
        assert [(one["match"], one["state"]) for one in ours] == [("by_reference", "accepted")] * 2
        theirs = [row["paid"] for row in books.acquirer if row["kind"] == "refund"]
        assert sorted(theirs) == sorted(one["done"] for one in ours)
        assert shop.differences() == []


def to_supervisor(shop: Shop) -> None:
    """Past the word that no reader can read a card."""
    if shop.clerk.see("readers.out|supervisor.number")["prompt"] == "readers.out":
        shop.hands.press("enter")


def test_the_bench_has_its_numbers_from_one_place() -> None:
    assert len(identity.MERCHANT_ID) == 15
    assert len(identity.TERMINAL_ID) == len(identity.OTHER_TERMINAL_ID) == 8
