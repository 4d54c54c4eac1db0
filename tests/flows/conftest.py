"""The unchanged terminal on virtual time, with a clerk who reads its screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site, run_site

from pos_terminal.texts import Language

Story = Callable[[SimClerk], Awaitable[None]]


@pytest.fixture
def at_the_counter() -> Callable[..., None]:
    """Runs a story; the terminal has started and nobody is logged in. English screens."""

    def run(story: Story, setting: Setting | None = None) -> None:
        async def whole(site: Site) -> None:
            site.start()
            clerk = SimClerk(site)
            await clerk.wait_for_life()
            await story(clerk)
            assert site.crashes == []

        run_site(whole, setting or Setting(language=Language.EN))

    return run
