"""The number in the QR code of an invoice (发票, R69); codes as others published them."""

from __future__ import annotations

import pytest

from pos_terminal.core.invoice import number_of

WITH_A_CODE = {
    "01,10,011001605111,80100798,64.9,20161018,85342965681116380258": "80100798",
    "01,01,1200154130,03630024,94339.62,20160621,,9335,": "03630024",
    "01,04,4200161350,00015045,165106.00,20160501,48114255542168294433,DBFE,": "00015045",
}
DIGITAL = {"01,32,,23442000000014209621,112,20230215,,74AE": "23442000000014209621"}


@pytest.mark.parametrize(("scanned", "number"), (WITH_A_CODE | DIGITAL).items())
def test_it_is_the_fourth_field(scanned: str, number: str) -> None:
    assert number_of(scanned) == number


@pytest.mark.parametrize("scanned", ["23442000000014209621", "01,32,7", "02,32,,7,8,9,,", "01"])
def test_what_is_no_such_code_stands_as_it_is(scanned: str) -> None:
    assert number_of(scanned) == scanned
