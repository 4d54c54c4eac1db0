"""Readers by their names: what may differ, what is said where it does."""

from __future__ import annotations

import pytest
from pos_drivers.pcsc_names import alike, bind, why_not

# as pcsc-lite's hotplug_libudev.c and readerfactory.c make them
GEMALTO = "Gemalto PC Twin Reader (A1B2C3D4) 00 00"
OTHER_GEMALTO = "Gemalto PC Twin Reader (99887766) 00 00"
ICC = "ACS ACR1281 1S Dual Reader [ACR1281 1S Dual Reader ICC] 00 00"
PICC = "ACS ACR1281 1S Dual Reader [ACR1281 1S Dual Reader PICC] 00 01"
PLAIN = "Alcor Micro AU9540 00 00"


def placed(name: str, place: str) -> str:
    return f"{name[:-5]}{place}{name[-3:]}"


@pytest.mark.parametrize("name", [GEMALTO, ICC, PICC, PLAIN])
@pytest.mark.parametrize("place", ["00", "01", "0A", "FF"])
def test_the_order_of_plugging_in_may_be_another_one(name: str, place: str) -> None:
    now = placed(name, place)
    assert bind([name], [OTHER_GEMALTO, now, "Yubico YubiKey 03 00"]) == {name: now}


def test_both_slots_of_one_reader_are_told_apart() -> None:
    found = [placed(ICC, "02"), placed(PICC, "02")]
    assert bind([ICC, PICC], found) == {ICC: found[0], PICC: found[1]}


@pytest.mark.parametrize(
    "other",
    [OTHER_GEMALTO, "Gemalto PC Twin Reader 01 00", "Gemalto PC Twin Reader (A1B2C3D4) 00 01"],
)
def test_serial_number_and_slot_may_not_differ(other: str) -> None:
    assert bind([GEMALTO], [other]) == {}


@pytest.mark.parametrize("odd", ["", "X", "X 0 0", "X 00", "X 00 0G", "(A) 00 00", "X () 00 00"])
def test_a_name_of_another_form_is_bound_by_itself_alone(odd: str) -> None:
    assert bind([odd], [odd, PLAIN]) == {odd: odd}
    assert bind([f"{odd}!"], [odd, PLAIN]) == {}


def test_of_two_alike_none_is_taken_unless_it_is_named() -> None:
    found = [placed(PLAIN, "01"), placed(PLAIN, "02")]
    assert bind([PLAIN], found) == {}
    assert bind([found[0]], found) == {found[0]: found[0]}
    assert why_not(PLAIN, found).code == "card.reader_twins"


def test_two_sections_never_share_a_reader() -> None:
    """The one that is named takes it; of two that only the place tells apart nobody else does."""
    tap = placed(PLAIN, "01")
    assert bind([PLAIN, tap], [PLAIN]) == {PLAIN: PLAIN}
    assert bind([PLAIN, tap], [placed(PLAIN, "02")]) == {}
    assert bind([PLAIN, tap], [PLAIN, tap]) == {PLAIN: PLAIN, tap: tap}
    assert alike(PLAIN, [tap]) == [tap]


def test_an_exchanged_reader_is_said_with_its_serial_number() -> None:
    words = why_not(GEMALTO, [PLAIN, placed(OTHER_GEMALTO, "01")])
    assert words.code == "card.reader_swapped"
    assert dict(words.values) == {
        "reader": GEMALTO,
        "now": placed(OTHER_GEMALTO, "01"),
        "before": "A1B2C3D4",
        "serial": "99887766",
    }


def test_one_that_is_away_is_said_with_what_is_there() -> None:
    words = why_not(GEMALTO, [PLAIN, ICC])
    assert (words.code, words.values["found"]) == ("card.reader_missing", f"{PLAIN}, {ICC}")
    assert why_not(GEMALTO, []).values["found"] == "-"
