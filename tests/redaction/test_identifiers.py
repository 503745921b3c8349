"""Numbers are hidden by their check or their context, in every way of writing; what fails its check is kept."""

import polars as pl
import pytest

from custody.redaction.notes import rows_frame
from rules.redact import IDENTIFIERS, redact

HIDDEN = {
    "NHS_NUMBER": ("943 476 5919", "943-476-5919", "9434765919", "943 476\n5919", "NHS no 943476 59I9"),
    "NOMS_NUMBER": ("A1234BC", "a1234bc", "A 1234 BC", "A12O4BC", "prison no: a 1234 bc"),
    "PNC": ("2002/0073319Z", "PNC 79/163001B", "02/73319z", "2OO2/OO73319Z"),
    "CRO": ("065656/91H", "cro 65656/91h"),
    "NINO": ("AB123456C", "ab 12 34 56 c", "AB-12-34-56-C", "NI no. AB 12 34\n56 C", "AB I2 34 56 C"),
    "DRIVING_LICENCE": ("MORGA657054SM9IJ", "MORGA 657054 SM9IJ"),
    "PASSPORT": ("passport no 123456789",),
    "VEHICLE_REG": ("AB12 CDE", "ab12cde", "reg A123 BCD", "vehicle index AB12CDE"),
    "UTR": ("UTR 1123456789",),
    "BANK_ACCOUNT": ("sort code 12-34-56", "account 12345678", "GB82 WEST 1234 5698 7654 32", "gb82west12345698765432"),
    "PAYMENT_CARD": ("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"),
    "PHONE": ("07700 900123", "+44 7700 900123", "(0113) 496 0123", "O77OO 9OO123", "07700\n900123", "tel 463321", "+48 601 123 456"),
    "EMAIL": ("jo.bloggs@example.com", "JO@EXAMPLE.CO.UK", "jo@\nexample.com", "jo at hotmail dot com"),
    "URL_HANDLE": ("www.facebook.com/jo.bloggs", "@big_dave", "snapchat: lil_jay99", "https://instagram.com/jo/"),
    "IP_ADDRESS": ("192.168.1.12", "fe80::1ff:fe23:4567:890a"),
    "POSTCODE": ("SW1A 1AA", "ls29jt", "M1 1AE", "LS2\n9JT"),
    "ADDRESS": ("lives at 14 Acacia Avenue", "Flat 3, 22 High Street", "Rose Cottage, Mill Lane", "5 The Green", "12 Heol y Bryn", "a room at 12 Heol y Parc"),
    "DATE_OF_BIRTH": ("DOB 12/03/1985", "born in Leeds on 3rd May 1990", "d.o.b. 1 Jan 78", "12.03.85 dob", "Date of Birth:\n1985-03-12"),
    "CRN": ("CRN X123456",),
}  # fmt: skip
KEPT = (
    "943 476 5918", "2001/0171310S", "123456/91H", "GB 12 34 56 C", "4111 1111 1111 1112", "version 1.2.3.4", "300.1.1.1", "cell B2-014",
    "hearing on 12/03/2024", "sentenced on 3rd May 2019", "£250.00", "ref 1234567890", "12 May Leeds Crown Court", "10 minutes late",
    "https://www.gov.uk/guidance", "section 4(2)", "24 months", "at 10:30", "QQ 12 34 56 C", "ZZ1 1AA", "3 men in the park", "follow up", "mobile",
    "account card 4929 1234 5678 9013",
)  # fmt: skip


@pytest.mark.parametrize(("label", "text"), [(label, text) for label, texts in HIDDEN.items() for text in texts])
def test_hidden(label, text):
    for around in ("{}", "He said {} today.", "Note 1:\n{}\nend"):
        found = redact(pl.Series([around.format(text)]), layers=IDENTIFIERS)
        assert found.spans["label"].to_list() == [label]


@pytest.mark.parametrize("text", KEPT)
def test_kept(text):
    assert redact(pl.Series([text, f"He said {text} today."]), layers=IDENTIFIERS).texts.to_list() == [
        text,
        f"He said {text} today.",
    ]


def test_what_the_row_knows_is_hidden_even_if_its_check_fails():
    row = rows_frame(
        [{"pnc": "2001/0171310S", "date_of_birth": "1985-03-12", "linked_people": [{"forename": "Jo", "phone": "01632 960 12"}]}]
    )
    text = "Ref 01/171310S, seen 12.03.85 and 12/03/1995."
    assert redact(pl.Series([text]), row).texts[0] == "Ref [PNC], seen [DATE_OF_BIRTH] and 12/03/1995."


HEADINGS = {
    "Yusuf Warsame, 30/06/1992, A6266WF": ["DATE_OF_BIRTH", "NOMS_NUMBER"],
    "A6266WF, seen 30/06/2023": ["NOMS_NUMBER"],
    "07700 900123/07700 900456": ["PHONE", "PHONE"],
    "0044 7700 900123": ["PHONE"],
    "jo_bloggs99 on Snapchat": ["URL_HANDLE"],
    "jo dot bloggs at example dot com": ["EMAIL"],
    "9 Heol Las, Ammanford": ["ADDRESS"],
    "THE OLD FORGE, 2 CHAPEL LANE, LLANFAIR LL99 4QX": ["ADDRESS"],
    "vehicle seized under s.165A": [],
}


@pytest.mark.parametrize("text", HEADINGS)
def test_numbers_beside_others(text):
    found = redact(pl.Series([text]), layers=IDENTIFIERS)
    assert [label for label in found.spans["label"].to_list() if label != "POSTCODE"] == HEADINGS[text]


def test_a_case_is_somebodys_only_where_somebody_is_told():
    texts = pl.Series(["URN 01AB1234567 quoted.", "URN 01AB1234567 quoted by Sgt Nowak.", "URN 01AB1234567 quoted."])
    rows = rows_frame([{}, {}, {"forename": "Ada", "surname": "Nowak"}])
    assert redact(texts, rows).texts.to_list() == [
        texts[0],
        "URN [CASE_REFERENCE] quoted by Sgt [PERSON 1].",
        "URN [CASE_REFERENCE] quoted.",
    ]
