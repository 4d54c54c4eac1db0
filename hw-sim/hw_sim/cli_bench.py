"""The verbs that the bench itself does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from hw_sim.arguments import batch as batch_number
from hw_sim.arguments import seconds, whole
from hw_sim.bench import show
from hw_sim.bench.at_bench import bench_verb
from hw_sim.bench.files import Files
from hw_sim.device import BenchError, WrongWords

Verbs = Callable[[Sequence[str]], int]


class AddVerb(Protocol):
    def __call__(self, name: str, run: Any, about: str, /) -> argparse.ArgumentParser: ...


def up(args: argparse.Namespace) -> int:
    from hw_sim.bench.options import Options
    from hw_sim.bench.up import run

    options = Options(
        folder=args.folder.resolve(),
        acquirer=args.acquirer,
        printer=args.printer,
        sales=args.sales,
        card_service=not args.no_card_service,
        seed=args.seed,
        language=args.language,
        paper=args.paper,
        paper_speed=args.paper_speed,
        repeat=args.repeat,
        profile=args.profile,
        tpm=args.tpm,
    )
    return run(options)


def show_run(verbs: Verbs, args: argparse.Namespace) -> int:
    """``demo`` and ``sim``: the bench with a terminal on it. ``verbs`` does what is typed there."""
    from hw_sim.bench import demo, play

    given = ("acquirer", "printer", "sales", "repeat", "profile")
    words = [word for name in given for word in _given(args, name)]
    words += ["--no-card-service"] if args.no_card_service else []
    words += ["--tpm"] if args.tpm else []
    words += ["--seed", str(args.seed), "--language", args.language, "--paper", str(args.paper)]
    words += ["--paper-speed", str(args.paper_speed)]
    folder = args.folder.resolve()
    return demo.run(folder, words) if args.verb == "demo" else play.run(folder, words, verbs)


def _given(args: argparse.Namespace, name: str) -> list[str]:
    value = getattr(args, name)
    return [f"--{name}", str(value)] if value is not None else []


def add_verbs(verb: AddVerb) -> None:
    _hands(verb)
    _printer(verb)
    _acquirer(verb)
    _cables(verb)


def _hands(verb: AddVerb) -> None:
    """What clerk and customer do."""
    press = verb("press", _press, "press keys of the keypad, one after the other")
    press.add_argument(
        "words",
        nargs="+",
        metavar="KEY",
        help="0-9 00 . enter clear cancel up down menu feed; 1234 and 12.5 are four keys each",
    )
    scan = verb("scan", _do, "scan a barcode with this text")
    scan.add_argument("words", nargs=1, metavar="TEXT")
    scanner = verb("scanner", _do, "set the scanners up anew, as by their set-up codes")
    scanner.add_argument("words", nargs="*", metavar="CODE", help="see docs/bench.md")
    card = verb("card", _card, "insert or tap a card, or take it away again")
    card.add_argument("action", choices=("insert", "tap", "remove"))
    card.add_argument("name", nargs="?", metavar="NAME", help="see `hw-sim cards DIR`")
    cards = verb("cards", _cards, "list the cards")
    _json(cards)
    sales = verb("sales", _sales, "list the sample sales and what each is good for")
    _json(sales)


def _printer(verb: AddVerb) -> None:
    printer = verb("printer", _printer_verb, "do something to the printer")
    printer.add_argument("words", nargs="+", metavar="WHAT", help="see docs/bench.md")
    printer.add_argument(
        "--after",
        type=whole(0),
        metavar="ROWS",
        help="not now but after so many more printed rows: in the middle of a slip",
    )
    receipts = verb("receipts", _receipts, "what the printer has printed")
    _json(receipts)
    receipts.add_argument("--png", type=Path, metavar="FOLDER", help="pictures of them, too")
    verb("printer-bytes", _printer_bytes, "the raw bytes that the printer received, on stdout")
    _json(verb("drawer", _drawer, "how often the cash drawer was opened"))


def _printer_verb(args: argparse.Namespace) -> int:
    after = [] if args.after is None else ["--after", str(args.after)]
    bench_verb(args.folder, "printer", [*args.words, *after])
    return 0


def _acquirer(verb: AddVerb) -> None:
    acquirer = verb("acquirer", _acquirer_verb, "the acquirer: its faults, ledger and log")
    what = acquirer.add_subparsers(dest="what", required=True, metavar="WHAT")
    mode = what.add_parser("mode", help="behave so from now on, or for some messages")
    mode.add_argument("name", metavar="NAME", help="a fault, or `normal`; see docs/bench.md")
    mode.add_argument("--count", type=whole(1), metavar="N", help="for the next N messages only")
    mode.add_argument(
        "--on",
        action="append",
        default=[],
        metavar="KIND",
        help="refund, void, reversal, sign-on … only; may be given again",
    )
    mode.add_argument("--also", action="store_true", help="beside the modes that are on already")
    batch = what.add_parser("batch", help="begin another batch")
    batch.add_argument("number", type=batch_number, metavar="NUMBER", help="six digits")
    clock = what.add_parser("clock", help="let its clock be wrong; the log keeps the right time")
    clock.add_argument(
        "ahead", type=seconds(-1e9, 1e9), metavar="SECONDS", help="ahead; below 0: behind"
    )
    file = what.add_parser("file", help="its file of outcomes, for import-outcomes, on stdout")
    file.add_argument("--since", metavar="WHEN", help="ISO 8601 day or moment; all of it without")
    file.add_argument("--csv", action="store_true", help="instead of JSON Lines")
    what.add_parser("amnesia", help="forget all answers given so far")
    for name, about in (
        ("ledger", "every sale, void, refund and what was paid"),
        ("log", "every message in and out, decoded and masked"),
        ("probes", "connections on which nothing was asked, and echoes"),
        ("modes", "the modes that there are"),
    ):
        _json(what.add_parser(name, help=about))


def _cables(verb: AddVerb) -> None:
    for name, about in (("unplug", "pull a cable out"), ("plug", "put a cable back")):
        cable = verb(name, _do, about)
        cable.add_argument(
            "words",
            nargs=1,
            metavar="CABLE",
            choices=("keypad", "scanner", "reader", "printer", "acquirer", "tpm"),
            help="keypad | scanner | reader | printer | acquirer | tpm",
        )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _do(args: argparse.Namespace) -> int:
    bench_verb(args.folder, args.verb, list(args.words))
    return 0


def _press(args: argparse.Namespace) -> int:
    bench_verb(args.folder, "press", [key for word in args.words for key in keys(word)])
    return 0


def keys(word: str) -> list[str]:
    """``1234`` and ``12.5`` are four keys each; ``00`` is the key with two zeros."""
    typed = set(word) <= set("0123456789.") and word != "00"
    return list(word) if typed else [word]


def _card(args: argparse.Namespace) -> int:
    if (args.name is None) != (args.action == "remove"):
        raise WrongWords(f"{args.action} {'takes no' if args.name else 'needs a'} card's NAME")
    bench_verb(args.folder, "card", [args.action, *([args.name] if args.name else [])])
    return 0


def _cards(args: argparse.Namespace) -> int:
    return _print(args, bench_verb(args.folder, "cards", []), show.table)


def _sales(args: argparse.Namespace) -> int:
    path = Files(args.folder).samples
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise BenchError(f"{path} can't be read: start the bench first") from None
    return _print(args, found, show.sales)


def _receipts(args: argparse.Namespace) -> int:
    words = ["--png", str(args.png.resolve())] if args.png else []
    return _print(args, bench_verb(args.folder, "receipts", words), show.receipts)


def _printer_bytes(args: argparse.Namespace) -> int:
    sys.stdout.buffer.write(bytes.fromhex(bench_verb(args.folder, "printer-bytes", [])))
    sys.stdout.buffer.flush()
    return 0


def _drawer(args: argparse.Namespace) -> int:
    return _print(args, bench_verb(args.folder, "drawer", []), show.facts)


def _acquirer_verb(args: argparse.Namespace) -> int:
    if args.what == "file":
        sys.stdout.write(bench_verb(args.folder, "acquirer", _acquirer_words(args)))
        return 0
    if hasattr(args, "json"):
        people = show.facts if args.what == "modes" else show.table
        return _print(args, bench_verb(args.folder, "acquirer", [args.what]), people)
    bench_verb(args.folder, "acquirer", _acquirer_words(args))
    return 0


def _acquirer_words(args: argparse.Namespace) -> list[str]:
    words = [args.what]
    if args.what == "batch":
        words.append(args.number)
    if args.what == "clock":
        words.append(str(args.ahead))
    if args.what == "file":
        words += ["--since", args.since] if args.since else []
        words += ["--csv"] if args.csv else []
    if args.what == "mode":
        words.append(args.name)
        words += ["--count", str(args.count)] if args.count is not None else []
        words += [word for kind in args.on for word in ("--on", kind)]
        words += ["--also"] if args.also else []
    return words


def _print(args: argparse.Namespace, answer: Any, people: show.Show) -> int:
    text = json.dumps(answer, ensure_ascii=False, indent=2) if args.json else people(answer)
    if text:
        print(text)
    return 0
