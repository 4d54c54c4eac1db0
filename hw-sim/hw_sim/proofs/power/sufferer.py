"""``python -m hw_sim.proofs.power.sufferer FOLDER``: a story whose system calls fail.

The terminal's data lie in ``FOLDER/run/disk-0``, so that strace can be told which calls are to
fail. However the story ends, the process ends at once, as by a kill; then ``FOLDER/left`` has the
data as they are, and beside it lies what had been promised.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from unittest.mock import patch

from hw_sim.proofs.power.recorder import Recorder, keep_shop
from hw_sim.proofs.simulation import site as site_module
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_stories import COUNTER
from hw_sim.proofs.simulation.kills import setting_of
from hw_sim.proofs.simulation.shop import copy_data, the_shop
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.stories import CASH, PARTIAL, REFUND, VOID, Story
from pos_terminal.services.ledger.tidy import QUIET_SECONDS

STORIES: Final[Mapping[str, Story]] = {
    story.name: story for story in (REFUND, VOID, CASH, PARTIAL, *COUNTER)
}
DISK: Final = "run/disk-0"
LEFT: Final = "left"
SCREEN_FILE: Final = "screen.txt"


def suffer(folder: Path, story: Story) -> None:
    """Never returns."""
    keep_shop(the_shop(), folder)
    recorder = Recorder(folder)

    async def lived(site: Site) -> None:
        with recorder.watching(site):
            site.start()
            noted = folder / DISK / "ledger.db.head"
            with suppress(Lost, TimeoutError):
                await story.tell(SimClerk(site))
                await site.until(noted.exists, 2 * QUIET_SECONDS, "note of the head")
            _leave(folder, site, recorder)

    def scratch(prefix: str) -> Path:
        (folder / "run").mkdir()
        return folder / "run"

    with recorder.marks(), patch.object(site_module, "scratch", scratch):
        run_site(lived, setting_of(story))


def _leave(folder: Path, site: Site, recorder: Recorder) -> None:
    recorder.book()
    recorder.write_promise()
    (folder / SCREEN_FILE).write_text(site.terminal.screen.text, "utf-8")
    copy_data(folder / DISK, folder / LEFT)
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.power.sufferer", description=__doc__
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--story", choices=sorted(STORIES), default=REFUND.name)
    args = parser.parse_args()
    suffer(args.folder, STORIES[args.story])
    return 1


if __name__ == "__main__":
    sys.exit(main())
