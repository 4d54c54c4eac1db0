"""The verbs of ``hw-sim``. Others script against them: names and shapes stay."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from hw_sim import cli_bench, cli_terminal
from hw_sim.arguments import address, measure, printer, whole
from hw_sim.bench.options import DEMO_PAPER_SPEED, PAPER_SPEED
from hw_sim.device import BenchError, WrongWords

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 done, 1 it could not be done (the reason on stderr), 2 wrong usage."""
    args = parser().parse_args(arguments)
    run: Run = args.run
    try:
        return run(args)
    except WrongWords as error:
        print(f"hw-sim {args.verb}: {error}", file=sys.stderr)
        return 2
    except BenchError as error:
        print(f"hw-sim {args.verb}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="hw-sim", description="Emulated devices and acquirer of the refund terminal."
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, run: Run, about: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=about, description=about)
        added.add_argument("folder", type=Path, metavar="DIR", help="the bench's folder")
        added.set_defaults(run=run)
        return added

    up = verb("up", cli_bench.up, "start all emulated devices and the acquirer in the foreground")
    up.epilog = "Prints one line `ready` when everything can be used; stops on SIGTERM or Ctrl-C."
    _up(up)
    for name, about, speed in (
        (
            "demo",
            "a refund, two voids, an exchange, a refused card, step by step; 0 if the money agrees",
            DEMO_PAPER_SPEED,
        ),
        ("sim", "bench and terminal, left running to play with", PAPER_SPEED),
    ):
        _up(verb(name, partial(cli_bench.show_run, main), about), speed)
    cli_bench.add_verbs(verb)
    cli_terminal.add_verbs(verb)
    return top


def _up(up: argparse.ArgumentParser, speed: float = PAPER_SPEED) -> None:
    up.add_argument(
        "--acquirer",
        metavar="HOST:PORT",
        type=address,
        help="somebody else's acquirer, in plain TCP; its keys: DIR/acquirer-keys.json",
    )
    up.add_argument(
        "--printer",
        metavar="PORT",
        type=printer,
        help="somebody else's printer: a device path or tcp://HOST:PORT",
    )
    up.add_argument(
        "--sales",
        type=Path,
        metavar="FILE",
        help="further sales for terminal and acquirer, JSON Lines or CSV; may have card numbers",
    )
    up.add_argument(
        "--no-card-service", action="store_true", help="no card readers: there is no pcscd here"
    )
    up.add_argument(
        "--repeat",
        choices=("never", "identical"),
        help="what the acquirer promises of an identical request sent again",
    )
    up.add_argument(
        "--profile", default="cup", help="what acquirer and terminal speak: cup, generic or a file"
    )
    up.add_argument(
        "--tpm", action="store_true", help="the terminal's keys in an emulated TPM (swtpm)"
    )
    up.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="another set of sample sales"
    )
    up.add_argument("--paper", type=int, choices=(58, 80), default=58, help="of the slips, in mm")
    up.add_argument(
        "--paper-speed",
        type=measure(1, 1e6, "millimetres"),
        default=speed,
        metavar="MM",
        help=f"so much paper a second: {speed:g} without it",
    )
    up.add_argument("--language", choices=("zh_CN", "en"), default="zh_CN", help="of the screens")
