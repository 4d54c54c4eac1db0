"""``hw-sim sim``: bench and terminal left running for a person to play with."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from hw_sim.bench import show
from hw_sim.bench.running import Hands, RunningBench, RunningTerminal
from hw_sim.device import BenchError

_HINTS = """
press 1 0 1 enter      keys: 0-9 00 . enter clear cancel up down menu
scan TEXT              a receipt number of `sales`
card tap visa          or: card insert NAME, card remove; `cards` lists them
sales                  the sample sales and what each is good for
receipts               what was printed
printer paper-out      paper-in cover-open cover-close power-cycle
unplug reader          plug reader; also keypad scanner printer acquirer
acquirer mode swallow --count 1 --on refund
acquirer ledger        and: acquirer log
screen                 the screen again (Enter alone does it, too)
quit
"""


def run(folder: Path, words: list[str], verbs: Callable[[Sequence[str]], int]) -> int:
    """Until the person quits, or until SIGTERM where nobody is there to type.

    ``verbs`` does one of the verbs as if it were typed at the shell.
    """
    print("Starting devices, acquirer and terminal …", flush=True)
    with RunningBench(folder, *words) as bench, RunningTerminal(bench.files):
        hands = Hands(folder)
        hands.wait("login.number", 60)
        _welcome(hands)
        if sys.stdin.isatty():
            _play(hands, verbs)
        else:
            _stay()
    return 0


def _welcome(hands: Hands) -> None:
    print(show.table(hands.people))
    print(f"\nFrom another shell: hw-sim/hw-sim VERB {hands.folder} …; here, without the folder:")
    print(_HINTS, flush=True)
    _look(hands)


def _play(hands: Hands, verbs: Callable[[Sequence[str]], int]) -> None:
    while True:
        try:
            words = shlex.split(input("bench> "))
        except (EOFError, KeyboardInterrupt):
            print()
            return
        except ValueError as error:
            print(error)
            continue
        if words[:1] in (["quit"], ["exit"]):
            return
        if words[:1] == ["help"]:
            print(_HINTS)
        elif words and words[0] != "screen":
            try:
                verbs([words[0], str(hands.folder), *words[1:]])
            except SystemExit:  # argparse has said what is wrong
                continue
        _look(hands)


def _look(hands: Hands) -> None:
    try:
        screen = hands.screen()
        print(show.screen(screen["prompt"], screen["rows"], screen["columns"]), flush=True)
    except BenchError as error:
        print(error, flush=True)


def _stay() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
