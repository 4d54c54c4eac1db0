"""Every story of the counter, killed at each moment (docs/overview.md has the table)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.arguments import whole
from hw_sim.proofs.simulation.counter_stories import COUNTER
from hw_sim.proofs.simulation.crash import Ending, killed_at, telling
from hw_sim.proofs.simulation.ended_story import ENDED
from hw_sim.proofs.simulation.site import Setting
from hw_sim.proofs.simulation.stories import (
    CASH,
    CREDIT,
    LOST_VOUCHER,
    REFUND,
    REFUND_UNANSWERED,
    VOID,
    VOID_UNANSWERED,
    Story,
)

STORIES: Final = (
    *(REFUND, REFUND_UNANSWERED, VOID, VOID_UNANSWERED, CASH, CREDIT, LOST_VOUCHER),
    *COUNTER,
    ENDED,
)


def setting_of(story: Story, repeat: str = "identical") -> Setting:
    return Setting(repeat=repeat, rules=story.rules, policy=story.policy)


def sweep(
    story: Story, repeat: str, *, every: int, first: int = 0
) -> Iterator[tuple[str, list[str]]]:
    """Each ``every``-th of the moments that leave something else, and what does not hold of its
    ending; from number ``first`` of them on."""
    setting = setting_of(story, repeat)
    told = telling(story, setting)
    for place in told.apart[first::every]:
        moment = told.moments[place]
        yield moment, _problems(moment, killed_at(story, setting, place))


def _problems(moment: str, ending: Ending) -> list[str]:
    found = list(ending.problems)
    if (ending.moment, ending.kills) != (moment, 1):
        found.append(f"killed {ending.kills} times, last at {ending.moment}")
    if ending.drawer > 1:
        found.append(f"the drawer was opened {ending.drawer} times")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """``python -m hw_sim.kills``. Exit status 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m hw_sim.kills", description=__doc__)
    add = parser.add_argument
    add("--every", type=whole(1), default=1, metavar="N", help="each n-th moment")
    names = [story.name for story in STORIES]
    add("--story", choices=names, action="append", help="these alone")
    args = parser.parse_args(words)
    failed = 0
    for story in STORIES:
        if args.story and story.name not in args.story:
            continue
        for repeat in story.repeats:
            told = 0
            for moment, problems in sweep(story, repeat, every=args.every):
                told += 1
                failed += bool(problems)
                for problem in problems:
                    print(f"{story.name}, {repeat}, {moment}: {problem}", flush=True)
            print(f"{told:>8}  {story.name}, {repeat}", flush=True)
    print(f"failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
