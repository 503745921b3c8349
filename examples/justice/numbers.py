"""Numbers of people who do not exist, in the ways they are written: with the right check letter, and sometimes a wrong one."""

from random import Random

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
"""Check letters of PNC and CRO numbers, by the remainder by 23."""
NOMS_LETTERS = "ACDEFGHJKLMNPQRTVWXYZ"
NOMS_NUMBERS = len(NOMS_LETTERS) ** 3 * 10_000
SPREAD = 48_271_003
"""Has no factor in common with NOMS_NUMBERS, so that neighbours get far numbers, and no two the same."""
NOBODYS_CRO = "000000/00Z"
NINO_PREFIXES = ("CR", "MW", "NC", "PP")
"""Of the administration: never given to a person."""
KINDS = ("PNC", "CRO", "CRO", "NINO", "NHS")
"""A person can have several CRO numbers."""
COLUMN = {"PNC": "pnc", "CRO": "cro", "NINO": "nino", "NHS": "nhs_number"}
WRONG = 0.04


def noms_number(root: int) -> str:
    """The prison number of a person: letter, four digits, two letters; another one for each `root` below NOMS_NUMBERS."""
    rest, digits = divmod(root * SPREAD % NOMS_NUMBERS, 10_000)
    rest, last = divmod(rest, len(NOMS_LETTERS))
    first, middle = divmod(rest, len(NOMS_LETTERS))
    return f"{NOMS_LETTERS[first]}{digits:04d}{NOMS_LETTERS[middle]}{NOMS_LETTERS[last]}"


def written(random: Random, kind: str) -> str:
    """A new number of this kind, as somebody wrote it down."""
    return {"PNC": _pnc, "CRO": _cro, "NINO": _nino, "NHS": _nhs}[kind](random)


def _letter(random: Random, number: str) -> str:
    place = int(number) % len(LETTERS)
    return LETTERS[(place + (random.random() < WRONG)) % len(LETTERS)]


def _pnc(random: Random) -> str:
    year, serial = random.randrange(1965, 2025), random.randrange(1, 1_000_000)
    letter = _letter(random, f"{year % 100:02d}{serial:07d}")
    forms = (
        f"{year}/{serial:07d}{letter}", f"{year}/{serial:07d}{letter}", f"{year % 100:02d}/{serial}{letter}",
        f" - {year % 100:02d}/{serial:07d}{letter.lower()} ", f"{year}{serial:07d}{letter}",
    )  # fmt: skip
    return random.choice(forms)


def _cro(random: Random) -> str:
    how, year, serial = random.random(), random.randrange(100), random.randrange(1, 1_000_000)
    if how < 0.03:
        return NOBODYS_CRO
    if how < 0.15:
        return f"SF{year:02d}/{serial}{_letter(random, f'{year:02d}{serial}')}"
    letter = _letter(random, f"{year:02d}{serial:06d}")
    return f"  {serial}/{year:02d}{letter.lower()} " if how < 0.3 else f"{serial:06d}/{year:02d}{letter}"


def _nino(random: Random) -> str:
    prefix = "DR" if random.random() < WRONG else random.choice(NINO_PREFIXES)
    suffix = "E" if prefix == "DR" else random.choice("ABCD")
    number = f"{prefix}{random.randrange(1_000_000):06d}{suffix}"
    return f"{number.lower()} " if random.random() < 0.1 else number


def _nhs(random: Random) -> str:
    """From the range that begins with 999, which is for tests only."""
    check = 10
    while check == 10:
        body = f"999{random.randrange(1_000_000):06d}"
        check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    number = f"{body}{(check + (random.random() < WRONG)) % 10}"
    return f"{number[:3]} {number[3:6]} {number[6:]}" if random.random() < 0.3 else number
