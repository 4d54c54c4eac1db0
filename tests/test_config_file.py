"""``terminal.toml``: what is wrong with it is said with file, section and option (R59)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from worlds.config import FILE

from pos_terminal.config import load
from pos_terminal.core.words import ConfigFailure, Failure
from pos_terminal.profiles import names
from pos_terminal.texts import Language, render, technician
from pos_terminal.wiring import acquirer_profile, rule_book


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Under another name than the usual one."""
    path = tmp_path / "till-3.toml"
    path.write_text(FILE, "utf-8")
    return path


def changed(file: Path, old: str, new: str) -> Path:
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")
    return file


def refusal(file: Path) -> Failure:
    with pytest.raises(Failure) as caught:
        load(file)
    assert caught.value.words.code == "config.option"
    assert caught.value.words.values["file"] == str(file)
    return caught.value


def test_the_configuration_knows_its_file(file: Path) -> None:
    config = load(file)
    assert config.file == file.resolve()
    assert config.data_dir == file.resolve().parent / "data"


def test_the_file_is_no_option(file: Path) -> None:
    changed(file, "[terminal]", 'file = "x"\n[terminal]')
    assert refusal(file).words.values["option"] == "file"


@pytest.mark.parametrize(
    "port",
    ["tcp://nowhere", "tcp://:9100", "tcp://host:", "tcp://host:0", "tcp://host:65536",
     "tcp://host:x", "tcp://", ""],
)  # fmt: skip
def test_a_printers_port_that_is_none_is_refused(file: Path, port: str) -> None:
    changed(file, '"/dev/null"\n[keypad]', f'"{port}"\n[keypad]')
    assert refusal(file).words.values["option"] == "printer.port"


@pytest.mark.parametrize("port", ["tcp://printer.shop:9100", "tcp://[fe80::1]:9100", "tty/0"])
def test_a_printers_port_is_an_address_or_a_path(file: Path, port: str) -> None:
    changed(file, '"/dev/null"\n[keypad]', f'"{port}"\n[keypad]')
    assert load(file).printer.port == port


@pytest.mark.parametrize(
    "address", ["nohost", "host:", ":5000", "host:0", "host:65536", "host:x", "host:٣", ""]
)
def test_an_acquirers_address_that_is_none_is_refused(file: Path, address: str) -> None:
    changed(file, '["127.0.0.1:1"]', f'["127.0.0.1:1", "{address}"]')
    assert refusal(file).words.values["option"] == "acquirer.address"


def test_an_acquirer_may_have_an_ipv6_address(file: Path) -> None:
    changed(file, '["127.0.0.1:1"]', '["[::1]:5000", "host.example:5000"]')
    assert load(file).acquirer.address == ["[::1]:5000", "host.example:5000"]


@pytest.mark.parametrize("zone", ["Asia/Peking", "", "+08:00", "../zoneinfo/UTC"])
def test_a_time_zone_that_is_none_is_refused_in_words(file: Path, zone: str) -> None:
    changed(file, "[acquirer]", f'timezone = "{zone}"\n[acquirer]')
    values = refusal(file).words.values
    assert values["option"] == "terminal.timezone"
    assert (
        values["cause"] == f'no time zone "{zone}"; one of the IANA database, like "Asia/Shanghai"'
    )


@pytest.mark.parametrize(
    ("home", "elsewhere"),
    [
        ('"all"', ["87654321"]),
        ("[]", ["12345678"]),
        ('["87654321"]', ["87654321"]),
        ("[]", ["87654321", "87654321"]),
    ],
)
def test_a_sale_has_one_home(file: Path, home: str, elsewhere: list[str]) -> None:
    text = f'home = {home}\n[[sales.elsewhere]]\nterminals = {elsewhere}\nplace = "2 F"\n'
    changed(file, 'home = "all"', text.replace("'", '"'))
    values = refusal(file).words.values
    assert values["option"] == "sales.elsewhere"
    assert elsewhere[-1] in str(values["cause"])


def test_ones_own_sales_are_always_at_home(file: Path) -> None:
    other = '[[sales.elsewhere]]\nterminals = ["00000007", "00000008"]\nplace = "2 F"'
    changed(file, 'home = "all"', f'home = ["87654321"]\n{other}')
    home = load(file).sales_home
    assert home is not None
    assert home.terminals == frozenset({"12345678", "87654321"})
    assert home.places == {"00000007": "2 F", "00000008": "2 F"}


@pytest.mark.parametrize(
    ("codes", "cause"),
    [
        ('["21IIIIIPPPPPP"]', '"21IIIIIPPPPPP" is no pattern of 13 places'),
        ('["21IIIIIPPPPPC", "21IIIIIWWWWWC"]', "two patterns begin with 21"),
    ],
)
def test_a_pattern_of_scale_codes_that_is_none_is_refused_in_words(
    file: Path, codes: str, cause: str
) -> None:
    changed(file, 'home = "all"', f'home = "all"\nscale_codes = {codes}')
    values = refusal(file).words.values
    assert values["option"] == "sales.scale_codes"
    assert str(values["cause"]).startswith(cause)


@pytest.mark.parametrize("hours", [0, 73])
def test_an_exchange_credit_lasts_from_one_hour_to_three_days(file: Path, hours: int) -> None:
    for right in (1, 72):
        file.write_text(f"{FILE}[policy]\nexchange_hours = {right}\n", "utf-8")
        assert load(file).policy.exchange_hours == right
    file.write_text(f"{FILE}[policy]\nexchange_hours = {hours}\n", "utf-8")
    assert refusal(file).words.values["option"] == "policy.exchange_hours"


@pytest.mark.parametrize("number", ["999", "959", "000", "280"])
def test_a_currency_that_is_none_is_refused_in_words(file: Path, number: str) -> None:
    changed(file, "[acquirer]", f'currency = "{number}"\n[acquirer]')
    values = refusal(file).words.values
    assert (values["option"], values["cause"]) == (
        "terminal.currency",
        f"ISO 4217 has no currency {number}",
    )


def test_the_shop_is_in_china_unless_it_says_otherwise(file: Path) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert noon.astimezone(load(file).terminal.zone).hour == 20
    changed(file, "[acquirer]", 'timezone = "Europe/Berlin"\n[acquirer]')
    assert noon.astimezone(load(file).terminal.zone).hour == 14


def test_a_bad_rule_names_the_real_file(file: Path) -> None:
    file.write_text(FILE + "[policy.rules.window]\nnothing = 1\n", "utf-8")
    with pytest.raises(Failure) as caught:
        rule_book(load(file))
    assert caught.value.words.values["file"] == str(file.resolve())


def test_an_unknown_acquirer_profile_names_file_option_and_the_known_ones(file: Path) -> None:
    changed(file, "private_line = true", 'private_line = true\nprofile = "cpu"')
    with pytest.raises(Failure) as caught:
        acquirer_profile(load(file))
    values = caught.value.words.values
    assert (values["file"], values["option"]) == (str(file.resolve()), "acquirer.profile")
    assert "cpu" in str(values["cause"])
    assert all(name in str(values["cause"]) for name in names())


def test_a_profile_of_the_shop_lies_beside_the_configuration(file: Path) -> None:
    changed(file, "private_line = true", 'private_line = true\nprofile = "our.toml"')
    own = file.parent / "our.toml"
    with pytest.raises(Failure) as caught:
        acquirer_profile(load(file))
    assert caught.value.words.values["file"] == str(file.resolve())
    own.write_text("nothing = 1", "utf-8")
    with pytest.raises(Failure) as caught:
        acquirer_profile(load(file))
    assert caught.value.words.values["file"] == str(own.resolve()), "that file is to be mended"


@pytest.mark.parametrize(
    ("old", "new", "option", "cause"),
    [
        ('terminal_id = "12345678"', 'terminal_id = "1"', "terminal.terminal_id", "8 letters"),
        (
            'data_dir = "data"',
            'data_dir = "d"\nlanguage = "de"',
            "terminal.language",
            "zh_CN, en",
        ),
        ('port = "/dev/null"\n[k', 'port = "/dev/null"\npaper = 72\n[k', "printer.paper", "58, 80"),
        ('address = ["127.0.0.1:1"]', 'address = "127.0.0.1:1"', "acquirer.address", "a list"),
        (
            "private_line = true",
            'tpdu = "7"\nprivate_line = true',
            "acquirer.tpdu",
            "begin with 60",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(
    file: Path, old: str, new: str, option: str, cause: str
) -> None:
    values = refusal(changed(file, old, new)).words.values
    assert values["option"] == option
    assert cause in str(values["cause"])


def test_every_shape_has_its_words() -> None:
    import re

    from pos_terminal import config, option_errors

    source = Path(config.__file__).read_text("utf-8")
    patterns = set(re.findall(r'Meta\(pattern=r"(.*?)"\)', source))
    assert patterns
    assert patterns <= set(option_errors._SHAPES)


@pytest.mark.parametrize(
    ("section", "option"),
    [("terminal", "terminal.idle_lock_minute"), ("acquirer", "acquirer.repeats"), ("", "printr")],
)
def test_an_option_that_nobody_knows_is_refused(file: Path, section: str, option: str) -> None:
    """A slip of the pen must not leave a default in force that nobody wants."""
    wrong = f"{option.partition('.')[2]} = 1" if section else f"{option} = 1"
    head = f"[{section}]" if section else "[terminal]"
    changed(file, head, f"{head}\n{wrong}" if section else f"{wrong}\n{head}")
    values = refusal(file).words.values
    what = "option" if section else "section"
    assert (values["option"], values["cause"]) == (option, f"unknown {what}")


SAID: Final = {
    ('port = "/dev/null"', "prot = 1"): "[printer] prot: unknown option",
    ("[printer]", "[prnter]"): "[prnter]: unknown section",
    ("[terminal]", 'file = "x"\n[terminal]'): "[file]: unknown section",
    ('terminal_id = "12345678"\n', ""): "[terminal] terminal_id: the option is missing",
    ('[printer]\nport = "/dev/null"\n', ""): "[printer]: the section is missing",
    ('merchant_name = "', 'merchant_name = 5 #"'): "[terminal] merchant_name: Expected a text",
    ('home = "all"', 'home = "all"\n[control.classes]\nx = 1'): "[control.classes] x: unknown",
    (
        'home = "all"',
        'home = "all"\n[[policy.reasons]]\ncode = "9"\nen = "x"',
    ): "[policy.reasons[0]] zh: the option is missing",
    (
        'home = "all"',
        'home = "all"\n[[policy.tenders]]\npaid = "card"\nback = "voucher"\nexception = "gift"',
    ): "[policy.tenders[0]] back: Invalid enum value 'voucher'; one of cash, credit, manual",
    ('home = "all"', 'home = "all"\n[reader.tap]\nnme = "A"'): "[reader.tap] nme: unknown option",
}


def way(paid: str, back: str, exception: str) -> str:
    return f'[[policy.tenders]]\npaid = "{paid}"\nback = "{back}"\nexception = "{exception}"\n'


IN_VAIN: Final = {
    ("cash", "cash", "account_closed"): "what was paid by cash goes back so without it",
    ("voucher", "credit", "card_lost"): "what was paid by voucher goes back so without it",
    ("wallet", "cash", "declined"): "no acquirer is asked for wallet: none declines it",
    ("card", "manual", "card_lost"): "the same way twice",
}
MATTERS: Final = (
    ("card", "manual", "card_lost"),
    ("cash", "cash", "gift"),
    ("wallet", "manual", "account_closed"),
    ("card", "cash", "declined"),
    ("card", "cash", "returned"),
)


@pytest.mark.parametrize("wrong", IN_VAIN)
def test_another_way_that_can_never_matter_is_named(
    file: Path, wrong: tuple[str, str, str]
) -> None:
    all_of_them = "".join(way(*one) for one in (*MATTERS, wrong))
    told = technician(refusal(changed(file, "[printer]", f"{all_of_them}[printer]")).words)
    named = "back" if "goes back" in IN_VAIN[wrong] else "exception"
    assert f"[policy.tenders[{len(MATTERS)}]] {named}: {IN_VAIN[wrong]}" in told


def test_other_ways_that_may_matter_are_taken(file: Path) -> None:
    all_of_them = "".join(way(*one) for one in MATTERS)
    config = load(changed(file, "[printer]", f"{all_of_them}[printer]"))
    assert len(config.policy.tenders) == len(MATTERS)


def reason(code: str, condition: str) -> str:
    return f'[[policy.reasons]]\ncode = "{code}"\nzh = "甲"\nen = "A"\ncondition = "{condition}"\n'


def condition(code: str, refuse: str = "false") -> str:
    named = f'code = "{code}"\nzh = "甲"\nen = "A"\ndisposition = "restock"\n'
    return f"[[policy.conditions]]\n{named}refuse = {refuse}\n"


NOT_PROPOSED: Final = {
    reason("1", "9"): '[policy.reasons[0]] condition: no condition has the code "9"',
    reason("1", "") * 2: '[policy.reasons[1]] code: "1" stands twice',
    condition("1") * 2: '[policy.conditions[1]] code: "1" stands twice',
    condition("1") + condition("2", "true") + reason("1", "1") + reason("2", "2"): (
        "[policy.reasons[1]] condition: what refuses goods is never proposed"
    ),
    condition("1") + reason("1", "1") + "defect = true\n": (
        "[policy.reasons[0]] condition: defective goods are not back to stock"
    ),
}


@pytest.mark.parametrize("sections", NOT_PROPOSED)
def test_what_a_reason_may_not_propose_is_named(file: Path, sections: str) -> None:
    told = technician(refusal(changed(file, "[printer]", f"{sections}[printer]")).words)
    assert NOT_PROPOSED[sections] in told


@pytest.mark.parametrize(("old", "new"), SAID)
def test_what_is_wrong_is_named_by_its_section_and_option(file: Path, old: str, new: str) -> None:
    """As it stands in the file: whoever mends it looks for the section first."""
    words = refusal(changed(file, old, new)).words
    for told in (technician(words), *(render(words, one) for one in Language)):
        assert SAID[old, new] in told


AS_NEW: Final = """[[policy.conditions]]
code = "1"
zh = "完好"
en = "As new"
disposition = "restock"
"""
OF_ITS_OWN: Final = """[[policy.reasons]]
code = "1"
zh = "其他"
en = "Other"
condition = "7"
"""


@pytest.mark.parametrize(
    ("tables", "option", "cause"),
    [
        (AS_NEW, "policy.conditions", 'none has the code "3", which the built-in reason'),
        (AS_NEW + AS_NEW, "policy.conditions[1].code", '"1" stands twice'),
        (AS_NEW + OF_ITS_OWN, "policy.reasons[0].condition", 'no condition has the code "7"'),
    ],
)
def test_conditions_that_no_reason_fits_are_named_where_they_were_written(
    file: Path, tables: str, option: str, cause: str
) -> None:
    file.write_text(f"{file.read_text('utf-8')}\n{tables}", "utf-8")
    values = refusal(file).words.values
    assert values["option"] == option
    assert str(values["cause"]).startswith(cause)


@pytest.mark.parametrize(
    ("section", "line", "option", "choices"),
    [
        ("acquirer", 'repeat = "always"', "acquirer.repeat", {"never", "identical"}),
        ("acquirer", 'files = "asked"', "acquirer.files", {"confirm", "trusted"}),
        ("terminal", 'language = "zh"', "terminal.language", {"zh_CN", "en"}),
    ],
)
def test_what_may_be_said_is_named_also_where_it_may_be_left_out(
    file: Path, section: str, line: str, option: str, choices: set[str]
) -> None:
    changed(file, f"[{section}]", f"[{section}]\n{line}")
    values = refusal(file).words.values
    assert values["option"] == option
    told = str(values["cause"]).rpartition("; one of ")[2]
    assert set(told.split(", ")) == choices


def test_a_list_is_named_beside_the_word_that_may_stand_in_its_place(file: Path) -> None:
    changed(file, 'home = "all"', 'home = "every"')
    values = refusal(file).words.values
    assert values["option"] == "sales.home"
    assert str(values["cause"]).endswith("; one of all, a list")


@pytest.mark.parametrize(
    ("table", "option", "cause"),
    [
        ('[policy.rules.window]\nfree_days = "a"', "window.free_days", "Expected int, got a text"),
        ("[policy.rules.window]\nfree = 3", "window.free", "unknown option"),
        ("[policy.rules.windows]", "windows", "unknown rule; known: state, balance"),
        (
            "[policy.rules.typed]\nenabled = false",
            "typed.enabled",
            "this rule can't be switched off",
        ),
        (
            '[policy.rules.returnable.categories]\n"茶" = {zh = "a", en = "b"}\n"酒" = {zh = "c"}',
            "returnable.categories.酒.en",
            "the option is missing",
        ),
        (
            '[policy.rules.returnable.skus]\n"4711" = "no"',
            "returnable.skus.4711",
            "Expected a table",
        ),
        ('[policy.rules]\nreturnable = "no"', "returnable", "Expected a table"),
    ],
)
def test_a_parameter_of_a_rule_is_refused_in_the_same_words(
    file: Path, table: str, option: str, cause: str
) -> None:
    file.write_text(f"{file.read_text('utf-8')}\n{table}\n", "utf-8")
    with pytest.raises(ConfigFailure) as failed:
        rule_book(load(file))
    values = failed.value.words.values
    assert values["option"] == f"policy.rules.{option}"
    assert str(values["cause"]).startswith(cause)
