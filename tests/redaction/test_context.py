"""Numbers that tell nothing by their shape are hidden by what stands around them, and their look-alikes are kept."""

import polars as pl
import pytest

from rules.redact import UNKNOWN_PEOPLE, redact

HIDDEN = (
    ("VEHICLE_REG", "JIZ 4821", "His van is JIZ 4821 on false papers."),
    ("VEHICLE_REG", "SEZ 4410", "Left in a red Vectra, SEZ 4410, toward the ferry."),
    ("VEHICLE_REG", "HBZ 9127", "HBZ 9127 stopped on the A5, driver had no licence."),
    ("VEHICLE_REG", "KVB 7", "KVB 7, a cherished plate, has been sold."),
    ("VEHICLE_REG", "482 GTX", "He drives 482 GTX, an old one."),
    ("VEHICLE_REG", "A 12", "Private plate A 12 on a Range Rover."),
    ("ADDRESS", "Primrose Cottage, Back Lane", "Staying at Primrose Cottage, Back Lane, with an aunt."),
    ("ADDRESS", "Hillcrest, Moor Lane", "Home is Hillcrest, Moor Lane, and has been for years."),
    ("ADDRESS", "Ardbeg, Shore Road, Kilmun", "Subject resides Ardbeg, Shore Road, Kilmun PA23 9NB, with his wife."),
    ("ADDRESS", "45 Brynhyfryd", "Searched 45 Brynhyfryd and the shed to its rear."),
    ("ADDRESS", "88 Kirkgate (top right), Arbroath", "A spare room, 88 Kirkgate (top right), Arbroath DD11 6HK."),
    ("ADDRESS", "FLAT 2/1 114 CALDER STREET", "MOVED TO FLAT 2/1 114 CALDER STREET ON SATURDAY."),
    ("ADDRESS", "3F2, 18 Easter Road Lane", "He has left 3F2, 18 Easter Road Lane and not said why."),
    (
        "ADDRESS",
        "Apartment 9\nThe Old Maltings\n3 Quay Street",
        "Proposed address:\nApartment 9\nThe Old Maltings\n3 Quay Street",
    ),
    ("ADDRESS", "14 Acacia Avenue", "Saw him in room 6. 14 Acacia Avenue is where he lives."),
    ("ADDRESS", "Flat C, 212a Brixton Hill", "New address: Flat C, 212a Brixton Hill."),
    ("ADDRESS", "Ground Floor Flat, 19 Portland Road", "Checked: Ground Floor Flat, 19 Portland Road."),
    ("ADDRESS", "4 The Maltings", "Supervised at 4 The Maltings by his uncle."),
    ("ADDRESS", "Tan-y-Bryn, Llanberis", "Lives at Tan-y-Bryn, Llanberis LL55 4TY with two dogs."),
    ("ADDRESS", "18 Crown Street", "Lived at 18 Crown Street until the fire."),
    ("ADDRESS", "P.O. Box 4410", "Write to P.O. Box 4410 for the file."),
    ("POSTCODE", "CV22 9KL", "Of 16 Otter Way, Rugby CV22 9KL."),
    ("DATE_OF_BIRTH", "14.2.91", "Leon Marchbank, 14.2.91, before the bench."),
    ("DATE_OF_BIRTH", "02/11/1988", "MALIK, Usman (A7719KX) 02/11/1988 - cat D."),
    ("DATE_OF_BIRTH", "19/04/1974", "A5521PM 19/04/1974 located D2-11."),
    ("DATE_OF_BIRTH", "3 May 1987", "Magda Wilk, 3 May 1987, was bailed."),
)
KEPT = (
    "He drives a BMW 320 and a Mazda MX 5.", "His car failed MOT 2024 and had a PCN 60.", "Van due at 1400 HRS with 8 on board.",
    "Vehicle seized under s.165A at noon.", "VAN AT 9 FOR TWO MEN, CAR NOT IN USE SINCE MAY 4.", "Car insurance with policy ref ABC 123 lapsed.",
    "The car and 12 men, the van for 3 days.", "Convictions: 12/01/2001 theft; 30/08/1998 burglary.", "Came here on 14.2.2004, leave to remain 5 May 2010.",
    "Unit 6, Station Road Industrial Estate is where he worked.", "Searched 2 Cellmates. Found 3 Subutex.", "Moved to 3 Spur, then 4 Bakery.",
    "Lives at home, Mum and two brothers. Road is long.", "Lives in Leeds, Church Road end.", "Ran 5KM on the M1 5KM from home.",
    "Tower E1 2ND floor, N4 3RD landing.", "The PO said box 14 is missing.", "Court 4 at Leeds Crown Court.",
    "Needs his Nino for the form. IBAN asked for.", "In prison since 12.12.2009, board on 4/5/2021.",
)  # fmt: skip
NOT_BORN = ("Karen Dobbs 12/05/2022 came in.", "Assessed by Dr Whitlam 12/05/2009 again.", "PC Ahmed 3/4/2009 logged it.")


@pytest.mark.parametrize(("label", "value", "text"), HIDDEN)
def test_hidden(label, value, text):
    found = redact(pl.Series([text]), layers=UNKNOWN_PEOPLE).spans.filter(pl.col("label") == label)
    assert [text[start:end] for start, end in zip(found["start"], found["end"], strict=True)] == [value]


@pytest.mark.parametrize("text", KEPT)
def test_kept(text):
    assert redact(pl.Series([text])).texts[0] == text


@pytest.mark.parametrize("text", NOT_BORN)
def test_a_day_of_work_is_kept_beside_a_name(text):
    assert "DATE_OF_BIRTH" not in redact(pl.Series([text])).spans["label"].to_list()
