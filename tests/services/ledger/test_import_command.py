"""``pos-terminal import-sales`` and ``pos-terminal ledger``, beside a terminal and without one."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from worlds.config import FILE
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.cli import ask_terminal, import_sales, ledger
from pos_terminal.config import load
from pos_terminal.control.feed import feed_verbs
from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Finding
from pos_terminal.services.intake.taking import Intake
from pos_terminal.services.proof.opening import SystemClock, inline, open_own_ledger
from pos_terminal.services.security.keystore import KEYS_FOLDER, KeyStore, TerminalKeys
from pos_terminal.services.security.security import Security
from pos_terminal.texts import technician


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terminal with keys made for this test; its people are no business of an import."""
    monkeypatch.setattr("pos_terminal.services.security.security.unprovisioned", lambda _: None)
    path = tmp_path / "terminal.toml"
    path.write_text(FILE, "utf-8")
    keys = KeyStore.open(load(path).data_dir / KEYS_FOLDER)
    keys.load(TerminalKeys(tmk=secrets.token_bytes(16), token=secrets.token_bytes(32)))
    return path


@pytest.fixture
def command(config: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs import-sales; (exit status, standard output, standard error)."""

    def run(*words: str, module: Any = import_sales) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        status = module.run(parser.parse_args(["--config", str(config), *words]))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def write(path: Path, *records: dict[str, Any]) -> Path:
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_file_goes_in_without_a_terminal(world: World, command: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "sales.jsonl", world.masked(), world.masked("S2"))
    status, out, _ = command("--json", str(file))
    assert (status, json.loads(out)["added"]) == (0, 2)
    status, out, _ = command(str(file))
    assert status == 0
    assert "2 known already" in out
    assert file.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sales.jsonl", ""),
        ("sales.jsonl", "\ufeff\n\n"),
        ("sales.csv", ""),
        ("sales.csv", "kind,sale_id\n"),
    ],
)
@pytest.mark.parametrize("beside_terminal", [False, True])
def test_a_file_without_records_is_said_to_be_empty(
    command: Any,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    name: str,
    content: str,
    *,
    beside_terminal: bool,
) -> None:
    if beside_terminal:
        request.getfixturevalue("running")
    file = tmp_path / name
    file.write_text(content, "utf-8")
    status, out, err = command(str(file))
    assert (status, out) == (0, "")
    assert f"{name} has no record" in err
    assert file.exists()


def test_a_bad_file_is_refused_with_every_line(world: World, command: Any, tmp_path: Path) -> None:
    bad = world.masked("S2") | {"amount": 1}
    file = write(tmp_path / "sales.jsonl", world.masked(), bad, {"kind": "x"})
    status, out, err = command(str(file))
    assert status == 1
    assert "1 sales added" in out
    assert "2 bad lines, the others were taken" in err
    assert "line 2: the tenders add up to" in err
    assert "line 3: " in err
    _, out, _ = command("--json", module=ledger)
    assert [sale["sale_id"] for sale in json.loads(out)["sales"]] == ["S1"]
    status, out, _ = command("--json", str(file))
    told = json.loads(out)
    assert (status, told["imported"], told["known"], told["refused"]) == (1, True, 1, 2)
    assert [(p["line"], p["sale_id"], p["code"]) for p in told["problems"]] == [
        (2, "S2", "sum"),
        (3, "", "value"),
    ]


@pytest.mark.parametrize("beside_terminal", [False, True])
def test_bad_lines_lie_in_the_folder_whichever_way_they_came(
    world: World,
    command: Any,
    config: Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    *,
    beside_terminal: bool,
) -> None:
    if beside_terminal:
        request.getfixturevalue("running")
    file = tmp_path / "sales.jsonl"
    bad = '{"kind": "sale_voided", "sale_id": "茶"}'.encode("gb18030")
    good = json.dumps(world.masked(receipt_no="收据"), ensure_ascii=False).encode("gb18030")
    file.write_bytes(good + b"\r\n" + bad + b"\r\n")
    assert command(str(file))[0] == 1
    refused = load(config).data_dir / "refused"
    assert (refused / "sales.jsonl").read_bytes() == bad + b"\r\n"
    told = (refused / "sales.jsonl.errors.txt").read_text("utf-8")
    assert told == "2\tmissing_field\t缺少字段 at\tthe field at is missing\n"
    assert command(str(file))[0] == 1
    assert sorted(one.name for one in refused.iterdir()) == [
        "sales.jsonl",
        "sales.jsonl.errors.txt",
    ]


def test_a_code_is_as_long_as_the_profile_says_without_a_terminal_too(
    world: World, command: Any, config: Path, tmp_path: Path
) -> None:
    fixed, longer = '38 = { kind = "an", length = 6 }', '38 = { kind = "an", length = 8 }'
    of_cup = (files("pos_terminal.profiles") / "cup.toml").read_text("utf-8")
    (tmp_path / "own.toml").write_text(of_cup.replace(fixed, longer), "utf-8")
    text = config.read_text("utf-8").replace("[acquirer]", '[acquirer]\nprofile = "own.toml"')
    config.write_text(text, "utf-8")
    long, short = world.masked(auth_code="A0001789"), world.masked("S2")
    status, out, _ = command(str(write(tmp_path / "sales.jsonl", long, short)), "--json")
    assert (status, json.loads(out)["added"]) == (1, 1)
    (problem,) = json.loads(out)["problems"]
    assert (problem["sale_id"], problem["code"]) == ("S2", "auth_code")


def test_all_or_nothing_takes_nothing_of_a_bad_file(
    world: World, command: Any, tmp_path: Path
) -> None:
    file = write(tmp_path / "sales.jsonl", world.masked(), {"kind": "x"})
    status, out, _ = command("--json", "--all-or-nothing", str(file))
    told = json.loads(out)
    assert (status, told["imported"], told["added"], told["refused"]) == (1, False, 0, 1)
    _, out, _ = command("--json", module=ledger)
    assert json.loads(out)["sales"] == []
    good = write(tmp_path / "good.jsonl", world.masked())
    assert command("--all-or-nothing", str(good))[0] == 0


def test_all_or_nothing_is_not_for_a_terminal_that_runs(
    world: World, command: Any, running: Any, tmp_path: Path
) -> None:
    file = write(tmp_path / "sales.jsonl", world.masked())
    words = ("--all-or-nothing", str(file))
    assert failure_of(lambda: command(*words)) == "feed.whole_running"
    assert running.sales.by_id("S1") is None


def test_one_bad_file_of_two_is_told_by_the_exit_status(
    world: World, command: Any, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.jsonl", world.masked())
    bad = write(tmp_path / "bad.jsonl", {"kind": "x"})
    status, out, _ = command("--json", str(bad), str(good))
    assert status == 1
    assert [report["imported"] for report in json.loads(out)] == [False, True]


def test_full_numbers_are_refused_by_the_record(
    world: World, command: Any, config: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "sales.jsonl", world.record(), world.masked("S2"))
    before = file.read_bytes()
    status, out, err = command("--json", str(file))
    told = json.loads(out)
    assert (status, told["added"], told["problems"][0]["code"]) == (1, 1, "full_pan")
    assert "destroy it" in err.lower()
    assert file.read_bytes() == before
    kept = (load(config).data_dir / "refused" / "sales.jsonl").read_text("utf-8")
    assert world.visa.reveal() not in kept
    assert json.loads(kept)["tenders"][0]["pan"] == world.visa.masked


@pytest.mark.parametrize("allowed", [False, True])
def test_a_file_of_nothing_but_refused_numbers_is_left_and_told(
    world: World, command: Any, config: Path, tmp_path: Path, *, allowed: bool
) -> None:
    if allowed:
        config.write_text(FILE + "allow_full_pan = true\n", "utf-8")
    bad = {"currency": "999"} if allowed else {}
    file = write(tmp_path / "sales.jsonl", world.record(**bad))
    status, _, said = command(str(file))
    assert (status, file.exists()) == (1, True)
    assert ("has full card numbers and [sales] allow_full_pan is off" in said) is not allowed


def test_allowed_full_numbers_are_wiped(
    world: World, command: Any, config: Path, tmp_path: Path
) -> None:
    config.write_text(FILE + "allow_full_pan = true\n", "utf-8")
    file = write(tmp_path / "sales.jsonl", world.record(), world.masked("S2"))
    refused = write(tmp_path / "refused.jsonl", world.record("S3"), {"kind": "x"})
    held = file.open("rb")
    assert command(str(file))[0] == 0
    assert not file.exists()
    left = held.read()
    held.close()
    assert world.visa.reveal().encode() not in left
    assert command(str(refused))[0] == 1
    assert not refused.exists()
    data = b"".join(p.read_bytes() for p in load(config).data_dir.rglob("*") if p.is_file())
    assert world.visa.reveal().encode() not in data


def test_what_lies_there_by_then_is_not_wiped_and_people_are_told(
    world: World, command: Any, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(FILE + "allow_full_pan = true\n", "utf-8")
    file, take = write(tmp_path / "sales.jsonl", world.record()), import_sales.import_directly

    def replaced(*words: Any, **named: Any) -> Any:
        report = take(*words, **named)
        write(tmp_path / "next.jsonl", world.record("S2")).replace(file)
        return report

    monkeypatch.setattr(import_sales, "import_directly", replaced)
    _, _, said = command(str(file))
    assert "was written to or replaced" in said
    assert json.loads(file.read_text("utf-8"))["sale_id"] == "S2"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("gone.jsonl", None, "feed.missing"),
        ("sales.xml", b"<x/>", "feed.format"),
    ],
)
def test_a_file_that_is_none_is_told(
    command: Any, tmp_path: Path, name: str, content: bytes | None, key: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Failure, match=key.replace(".", r"\.")):
        command(str(tmp_path / name))


@pytest.mark.parametrize("beside_terminal", [False, True])
@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_byte_that_is_not_utf8_is_named_like_any_bad_line(
    command: Any,
    request: pytest.FixtureRequest,
    world: World,
    tmp_path: Path,
    *,
    ending: str,
    beside_terminal: bool,
) -> None:
    if beside_terminal:
        request.getfixturevalue("running")
    good, wrong = world.masked("S2", amount=1), world.masked("S3", receipt_no="caf?")
    rows = [json.dumps(r) for r in (world.masked(amount=2), good, wrong)]
    if ending == "csv":
        rows = ["kind,sale_id", "voided,S1", "gone,S2", "voided,caf?"]
    file = tmp_path / f"sales.{ending}"
    file.write_bytes("\n".join(rows).encode().replace(b"?", b"\xe9"))
    status, _, err = command(str(file))
    assert status == 1
    last = len(rows)
    assert f"line {last}: not UTF-8: byte 0xE9" in err
    assert f"line {last - 1}: " in err, "the other bad line is named beside it"
    _, out, _ = command("--json", module=ledger)
    assert json.loads(out)["sales"] == []


def test_a_table_in_utf16_is_read(command: Any, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    at = "2026-01-05T10:00:00+08:00"
    file.write_bytes(f"kind\tsale_id\tat\nsale_voided\tS1\t{at}\n".encode("utf-16"))
    status, out, _ = command("--json", str(file))
    assert (status, json.loads(out)["events"]) == (0, 1)


def test_a_line_separator_within_a_name_ends_no_line(
    world: World, command: Any, tmp_path: Path
) -> None:
    file = tmp_path / "sales.jsonl"
    record = world.masked(receipt_no="R\u20281")
    file.write_text(json.dumps(record, ensure_ascii=False) + "\n{", "utf-8")
    _, _, err = command(str(file))
    assert "1 bad lines" in err
    assert "line 2: " in err


def test_the_format_may_be_said(world: World, command: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "sales.txt", world.masked())
    assert command("--format", "jsonl", str(file))[0] == 0


# --- beside a running terminal ----------------------------------------------------------------


@pytest.fixture
def running(config: Path) -> Iterator[Any]:
    """Holds the ledger as a terminal does, and answers at its control socket."""
    opened = load(config)
    security = Security.open(opened)
    store = asyncio.run(_held(opened, security))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(opened.path(opened.control.socket)))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as line:
                request = json.loads(line.readline())
                line.write(json.dumps(_answer(store, request)).encode() + b"\n")
                line.flush()

    thread = threading.Thread(target=serve)
    thread.start()
    yield store
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    store.close()
    security.close()


async def _held(config: Any, security: Security) -> Any:
    return open_own_ledger(config, security, SystemClock(UTC), inline)


def _answer(store: Any, request: dict[str, Any]) -> dict[str, Any]:
    intake = Intake(store, store.path.parent / "refused")

    async def answered() -> dict[str, Any]:
        return await feed_verbs(lambda: intake)["import-sales"](request)

    return asyncio.run(answered())


def test_a_running_terminal_takes_the_file(
    world: World, command: Any, running: Any, tmp_path: Path
) -> None:
    file = write(tmp_path / "sales.jsonl", world.masked())
    status, out, _ = command("--json", str(file))
    assert (status, json.loads(out)["added"]) == (0, 1)
    assert running.sales.by_id("S1") is not None
    status, out, err = command(str(write(file, {"kind": "x"})))
    assert (status, out) == (1, "")
    assert "line 1" in err


def test_the_ledger_can_be_read_beside_it(world: World, command: Any, running: Any) -> None:
    _answer(running, {"verb": "import-sales", "format": "jsonl", "source": "x", "lines": [
        json.dumps(world.masked())]})  # fmt: skip
    _, out, _ = command("--json", module=ledger)
    found = json.loads(out)
    assert [(s["sale_id"], s["amount"], s["done"], s["held"]) for s in found["sales"]] == [
        ("S1", 10_000, 0, 0)
    ]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_large_file_goes_in_parts_with_its_own_line_numbers(
    command: Any, running: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(import_sales, "_PART", 150)
    at = "2026-01-05T10:00:00+08:00"
    rows = [f"sale_voided,V{n},{at}" for n in range(20)]
    rows[17] = "sale_voided,V17,yesterday at n"
    rows.insert(0, "kind,sale_id,at")
    if ending == "jsonl":
        names = rows[0].split(",")
        rows = [
            "",
            *(json.dumps(dict(zip(names, row.split(","), strict=True))) for row in rows[1:]),
        ]
    file = tmp_path / f"sales.{ending}"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    status, out, _ = command("--json", str(file))
    told = json.loads(out)
    assert (status, told["records"], told["events"], told["refused"]) == (1, 20, 19, 1)
    assert [(p["line"], p["sale_id"]) for p in told["problems"]] == [(19, "V17")]


def test_a_line_too_large_for_the_socket_is_told_where_to_go(
    world: World, command: Any, running: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "sales.jsonl", world.masked())
    with monkeypatch.context() as smaller:
        smaller.setattr(ask_terminal, "LINE_LIMIT", 100)
        with pytest.raises(Failure, match=r"feed\.too_large") as caught:
            command(str(file))
    assert caught.value.words.values["file"] == "sales.jsonl"
    told = technician(caught.value.words)
    assert "[sales] inbox" in told
    assert running.sales.by_id("S1") is None
    assert command(str(file))[0] == 0


def test_a_silent_terminal_is_told(
    world: World, command: Any, config: Path, tmp_path: Path
) -> None:
    opened = load(config)
    security = Security.open(opened)
    store = open_own_ledger(opened, security, SystemClock(UTC), inline)
    file = write(tmp_path / "sales.jsonl", world.masked())
    assert failure_of(lambda: command(str(file))) == "feed.no_terminal"
    assert file.exists()
    store.close()
    security.close()


# --- the list ---------------------------------------------------------------------------------


def test_the_list_shows_refunds_voids_and_what_is_pending(
    world: World, command: Any, config: Path
) -> None:
    from pos_terminal.core.refund import Kind

    world.sell("S1")
    world.sell("S2", trace="000018")
    world.conclude(
        world.seal(4000).refund.refund_id,
        State.ACCEPTED,
        4000,
        answer=world.answer(),
        slips=(world.slip(),),
    )
    world.conclude(
        world.seal(500).refund.refund_id,
        State.UNKNOWN,
        cause=Cause.UNCLEAR,
        case=CaseKind.UNKNOWN_OUTCOME,
    )
    world.refunded(10_000, State.REVERSING, sale_id="S2", kind=Kind.VOID)
    world.do(world.store.refunds.count_repeat(3))
    config.write_text(FILE.replace('"data"', f'"{world.folder}"'), "utf-8")
    _, out, _ = command("--json", module=ledger)
    found = json.loads(out)
    assert world.visa.reveal() not in out
    first, second, void = found["refunds"]
    assert {
        name: first[name]
        for name in (
            "refund_id", "kind", "state", "amount", "done", "sale_id", "stan", "batch", "rrn",
            "original_rrn", "response",
        )
    } == {
        "refund_id": 1, "kind": "refund", "state": "accepted", "amount": 4000, "done": 4000,
        "sale_id": "S1", "stan": "000019", "batch": "000001", "rrn": "600510000099",
        "original_rrn": "600510000017", "response": "00",
    }  # fmt: skip
    assert (second["state"], second["done"], void["kind"]) == ("unknown", 0, "void")
    assert [(p["refund_id"], p["message"], p["tries"]) for p in found["pending"]] == [
        (2, "repeat", 0),
        (3, "reversal", 1),
    ]
    assert [(j["refund_id"], j["slip"], j["state"]) for j in found["print_jobs"]] == [
        (1, "refund", "ready")
    ]
    assert [(c["refund_id"], c["kind"]) for c in found["cases"]] == [(2, "unknown_outcome")]
    assert [(s["sale_id"], s["done"], s["held"]) for s in found["sales"]] == [
        ("S1", 4000, 500),
        ("S2", 0, 10_000),
    ]
    _, table, _ = command(module=ledger)
    assert "refunds: 3" in table
    assert "pending: 2" in table
    assert world.visa.reveal() not in table


def test_the_list_is_read_after_a_clean_end_too(world: World, command: Any, config: Path) -> None:
    world.sell()
    world.store.close()
    config.write_text(FILE.replace('"data"', f'"{world.folder}"'), "utf-8")
    assert json.loads(command("--json", module=ledger)[1])["sales"][0]["sale_id"] == "S1"
    world.store = world.open()


def test_cases_and_what_people_found_are_listed(world: World, command: Any, config: Path) -> None:
    world.sell()
    world.sell("S2", trace="000018", state="unconfirmed")
    refund_id = world.refunded(500, State.UNKNOWN, case=CaseKind.UNKNOWN_OUTCOME).refund_id
    two = (Approval(n, "", world.clock.now(), 500, Finding.RULE) for n in ("201", "202"))
    finding = Finding(0, "20260105001", "102", (next(two), next(two)))
    world.conclude(refund_id, State.GIVEN_UP, finding=finding)
    world.do(
        world.store.cases.open_of_sale(
            world.sale("S2").key, CaseKind.UNILATERAL_DEBIT, "101", lambda _: []
        )
    )
    config.write_text(FILE.replace('"data"', f'"{world.folder}"'), "utf-8")
    found = json.loads(command("--json", module=ledger)[1])
    (shown,) = found["findings"]
    assert shown["at"] == world.clock.now().isoformat()
    assert (shown["refund_id"], shown["paid"], shown["reference"]) == (1, False, "20260105001")
    assert (shown["operator"], shown["first"], shown["second"]) == ("102", "201", "202")
    assert [(c["kind"], c["sale_id"], c["refund_id"], c["state"]) for c in found["cases"]] == [
        ("unknown_outcome", "S1", 1, "closed"),
        ("unilateral_debit", "S2", None, "open"),
    ]
    table = command(module=ledger)[1]
    assert "cases: 2" in table
    assert "findings: 1" in table
    assert "20260105001" in table


def test_no_ledger_yet_is_told(command: Any) -> None:
    assert failure_of(command, module=ledger) == "ledger.missing"


def test_another_file_is_told(command: Any, config: Path) -> None:
    load(config).ledger.write_bytes(b"")
    assert failure_of(command, module=ledger) == "ledger.damaged"
