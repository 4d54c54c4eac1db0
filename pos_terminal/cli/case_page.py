"""A case as one HTML page that needs nothing else: no script, no network, fit for A4 (R76)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from msgspec.structs import asdict

from pos_terminal.cli.case_dossier import Dossier, ShownSlip, text_of
from pos_terminal.cli.code128_svg import code128_svg
from pos_terminal.core.money import with_symbol
from pos_terminal.ports import CaseEnd, CaseStep
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.paper import Barcode

_STYLE: Final = """body{font:14px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;
color:#111}h1{font-size:1.5em}h2{font-size:1.15em;border-bottom:1px solid #999;margin-top:2em}
table{border-collapse:collapse}td,th{padding:.15em 1em .15em 0;text-align:left;vertical-align:top}
pre{font:12px/1.4 monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
figure{display:inline-block;border:1px solid #999;padding:1em;margin:0 1em 1em 0;
vertical-align:top;break-inside:avoid}figcaption{margin-bottom:.5em;color:#444}
section{break-inside:auto}tr{break-inside:avoid}svg{display:block;margin:.5em auto}
@page{size:A4;margin:15mm}@media print{body{margin:0;max-width:none}}"""
_ALLOWED: Final = (("default-src", "none"), ("style-src", "unsafe-inline"))
_POLICY: Final = "; ".join(f"{what} '{which}'" for what, which in _ALLOWED)


class CasePage:
    """Its parts, in the order in which they are read."""

    def __init__(self, case: Dossier, language: Language, currency: str) -> None:
        self._case = case
        self._language = language
        self._currency = currency

    def html(self) -> str:
        title = escape(self._say("export.title", number=self._case.number))
        body = "\n".join(self._sections())
        return (
            f'<!DOCTYPE html>\n<html lang="{self._language.value.replace("_", "-")}">\n<head>\n'
            '<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
        )

    def _sections(self) -> Iterator[str]:
        case = self._case
        state = self._say("export.open" if case.open else "export.closed")
        yield self._table(
            (
                (self._say("export.merchant"), case.merchant),
                (self._say("export.terminal"), case.terminal),
                (self._say("export.made_at"), case.made_at),
                (self._say("export.state"), state),
            )
        )
        yield self._section("facts", self._table(case.facts))
        steps = "".join(self._step(step) for step in case.steps)
        yield self._section("steps", f"<table>{steps}</table>" if steps else self._none())
        if case.end is not None:
            yield self._section("closing", self._table(self._end(case.end)))
        if case.decisions:
            told = escape("\n".join(case.decisions))
            yield self._section("decisions", f"<pre>{told}</pre>")
        if case.message:
            yield self._section("message", self._table(case.message.items()))
        slips = "".join(self._slip(one) for one in case.slips)
        yield self._section("slips", slips or self._none())
        number, found = case.head
        table = self._table(
            (
                (self._say("export.entry"), str(number)),
                (self._say("export.hash"), found),
            )
        )
        yield self._section("log", table + f"<p>{escape(self._say('export.log_means'))}</p>")

    def _section(self, name: str, content: str) -> str:
        return f"<section>\n<h2>{escape(self._say(f'export.{name}'))}</h2>\n{content}\n</section>"

    def _none(self) -> str:
        return f"<p>{escape(self._say('export.none'))}</p>"

    def _table(self, rows: Iterable[tuple[str, str]]) -> str:
        cells = (f"<tr><th>{escape(one)}</th><td>{escape(two)}</td></tr>" for one, two in rows)
        return f"<table>{''.join(cells)}</table>"

    def _step(self, step: CaseStep) -> str:
        shown = [step.text] if step.text else []
        shown += [
            f"{self._say(f'tenders.evidence_{one.kind.value}')}: {one.reference}"
            for one in step.evidence
        ]
        if step.next_on is not None:
            shown.append(f"{self._say('cases.next')}: {step.next_on.isoformat()}")
        told = "<br>".join(map(escape, shown))
        kind = escape(self._say(f"cases.step_{step.kind.value}"))
        who = f"{self._case.local(step.at):%Y-%m-%d %H:%M} {escape(step.operator)}"
        return f"<tr><td>{step.n}</td><th>{kind}</th><td>{who}</td><td>{told}</td></tr>"

    def _end(self, end: CaseEnd) -> Sequence[tuple[str, str]]:
        losses = [
            (self._say(f"cases.loss_{who}"), with_symbol(amount, self._currency))
            for who, amount in asdict(end.loss).items()
            if amount
        ]
        cause = "" if end.cause is None else self._say(f"cases.cause_{end.cause.value}")
        return [
            (self._say("export.closed_at"), f"{self._case.local(end.at):%Y-%m-%d %H:%M}"),
            (self._say("unknown.reference_is"), end.reference),
            (self._say("export.people"), ", ".join((end.operator, *end.people))),
            (self._say("cases.which_cause"), cause),
            *losses,
        ]

    def _slip(self, slip: ShownSlip) -> str:
        state = self._say(f"export.slip_{slip.state.value}")
        caption = f"<figcaption>{escape(f'{slip.at} {state}')}</figcaption>"
        if not slip.rows:
            return f"<figure>{caption}{escape(self._say('export.is_money'))}</figure>"
        content = "".join(
            f"</pre>{code128_svg(row.digits)}<pre>{escape(row.digits)}\n"
            if isinstance(row, Barcode)
            else f"{escape(row)}\n"
            for row in slip.rows
        )
        return f"<figure>{caption}<pre>{content}</pre></figure>"

    def _say(self, code: str, **values: str | int) -> str:
        return text_of(self._language, code, **values)
