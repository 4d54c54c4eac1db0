"""R38: every text that sends the clerk to the manual form leads there by one key.

``conftest.py`` holds every page of every story of this folder against it; here each of the texts is
shown, by each prompt that may say it, and the key is pressed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in, tell

from pos_terminal import profiles
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.said import Said
from pos_terminal.flows.common.another_way import TO_FORM
from pos_terminal.profiles import load
from pos_terminal.texts import Language, catalogue

_NAMES_IT: Final = re.compile(r"手工(退货|退款)?单|人工单|\b[Ff]orms?\b")
_NO_SCREEN: Final = ("receipt.", "slip.", "explain.", "cli.", "record.", "feed.", "check.", "case")
"""What stands on paper or at the console."""
ABOUT: Final = frozenset(
    {
        "eligibility.manual",  # how it goes back by itself: enter leads there
        "flows.confirm_manual",  # the key's own name
        "flows.form_of_code",  # as is this
        "flows.form_printed",
        "flows.leg_form",
        "flows.remind_manual",  # with its way
        *(f"manual.{name}" for name in ("list", "none", "title", "reference_or_form")),
        *(f"manual.{name}" for name in ("not_its_form", "withdrawn", "withdrawn_by_file")),
        *(
            f"tenders.{name}"
            for name in ("to_manual", "form_hint", "form_hint_on", "turned_away_hint")
        ),
        "tenders.sale_hint",
        *("remedy.by_manual", "remedy.form_printed"),  # a payout's, which is no refund
        *(  # to the acquirer, about one
            f"remedy.{what}_{which}"
            for what in ("do", "paper")
            for which in ("correction", "enquiry")
        ),
        "enquiry.give_slip",  # the acquirer's enquiry, which is being printed
    }
)
"""Those that speak of a form that is there, or are the key that leads to one."""


def test_the_texts_that_send_there_are_known() -> None:
    named = {
        code
        for code, entry in catalogue().items()
        if not code.startswith(_NO_SCREEN)
        and (_NAMES_IT.search(entry["zh"]) or _NAMES_IT.search(entry["en"]))
    }
    assert named - ABOUT == TO_FORM
    assert named >= ABOUT, "a text that is no more"


CODES: Final = {row.says: row.codes[0] for row in load("cup").responses}
SALES: Final = {
    "visa-older": "visa",
    "jcb-older": "jcb",
    "unionpay-credit-older": "unionpay-credit",
    "opened-older": "mastercard",
}
"""With a card each: what was called stolen once is refused from then on."""


def _says_stolen(code: str) -> bool:
    return code.split("_")[-2] in {"taken", "fraud", "lost", "stolen"}


@logged_in()
async def test_each_answer_of_the_acquirer(clerk: SimClerk) -> None:
    answers = sorted(code for code in TO_FORM if code.startswith("response."))
    assert len(answers) == 9
    stolen = iter(SALES.items())
    for code in sorted(answers, key=_says_stolen):
        says = code.removeprefix("response.").removesuffix("_next")
        of_card = _says_stolen(code)
        name, card = next(stolen) if of_card else ("visa-older", "visa")
        clerk.site.acquirer.set_mode(f"code:{CODES[Said(says)]}", 1)
        await clerk.give_back(clerk.site.shop.sale(name), 100, card=card)
        await clerk.wait("result")
        await clerk.wait_text(catalogue()[code]["en"])
        await clerk.go("menu", to="supervisor.number")
        await clerk.wait_text("Manual refund")
        await clerk.home()


Story = Callable[[SimClerk], Awaitable[None]]


async def the_form(clerk: SimClerk) -> None:
    """Its first question is there: which exception, or a supervisor."""
    if await clerk.wait("exception", "supervisor.number") == "exception":
        await clerk.wait_text("Manual form")
        await clerk.at("exception: 1", "refund.amount: 100 enter", "evidence.kind: menu")
        await clerk.at("refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (form,) = clerk.site.ledger.refunds.recent(1)
    assert (form.kind, form.state) == (Kind.MANUAL, State.FORM_PRINTED)


async def _called_stolen(clerk: SimClerk, name: str, card: str) -> None:
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale(name), 100, card=card)
    await clerk.home()


async def at_the_sale(clerk: SimClerk) -> None:
    """rules.leg_refused."""
    await _called_stolen(clerk, "visa-older", "visa")
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.wait_text("card was refused")
    await clerk.at("sale: 1")


async def at_the_refusal_of_it(clerk: SimClerk) -> None:
    """rules.leg_refused, of who applies all the same."""
    await _called_stolen(clerk, "visa-older", "visa")
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at("sale: enter", "failure")
    await clerk.wait_text("card was refused")
    await clerk.at("failure: 1")


async def with_the_card(clerk: SimClerk) -> None:
    """rules.card_refused: of another sale, once the card is read."""
    await _called_stolen(clerk, "visa-older", "visa")
    await clerk.give_back(clerk.site.shop.sale("same-trace"), 100, card="visa")
    await clerk.wait("result")
    await clerk.wait_text("Card was refused: manual form")
    await clerk.at("result: menu")


async def with_the_card_of_a_sale_that_has_its_digits_alone(clerk: SimClerk) -> None:
    """rules.card_refused where the ledger does not know that it was this sale's card."""
    await _called_stolen(clerk, "visa-older", "visa")
    await clerk.ask_for(clerk.site.shop.sale("masked-only"), 100)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.wait("result")
    await clerk.wait_text("Card was refused: manual form")
    await clerk.at("result: menu")


STORIES: Final = (
    at_the_sale,
    at_the_refusal_of_it,
    with_the_card,
    with_the_card_of_a_sale_that_has_its_digits_alone,
)


@pytest.mark.parametrize("story", STORIES)
def test_each_refusal_by_the_rules(story: Story) -> None:
    async def whole(clerk: SimClerk) -> None:
        await clerk.log_in()
        await story(clerk)
        await the_form(clerk)

    tell(whole)


@pytest.mark.parametrize("key", ["sale: 1", "sale: enter"])
@pytest.mark.parametrize("limit", ["refund_window_days = 1", "refunds_per_sale = 1"])
def test_what_the_acquirer_takes_no_more(limit: str, key: str, tmp_path: Path) -> None:
    """host.too_old and host.too_many_refunds, at the sale and of who applies all the same."""
    own = (Path(profiles.__file__).parent / "cup.toml").read_text("utf-8")
    file = tmp_path / "own.toml"
    file.write_text(own.replace("checks_card", f"{limit}\nchecks_card", 1), "utf-8")

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("unionpay-credit-older")
        if "per_sale" in limit:
            await clerk.give_back(sale, 100, card="unionpay-credit")
            await clerk.home()
        await clerk.find(sale)
        await clerk.wait_text("1: form")
        await clerk.at(key)
        if key.endswith("enter"):
            await clerk.wait("failure")
            await clerk.wait_text("Supervisor: manual form")
            clerk.press("1")
        await the_form(clerk)

    tell(story, Setting(profile=str(file), language=Language.EN))
