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


def new_number(random: Random, kind: str) -> str:
    """A number of this kind that is right, in its full form."""
    return {"PNC": _new_pnc, "CRO": _new_cro, "NINO": _new_nino, "NHS": _new_nhs}[kind](random)


def written(random: Random, kind: str, number: str, *, wrong: float = WRONG) -> str:
    """A number as somebody writes it down, with its last sign wrong in a share of cases."""
    if random.random() < wrong:
        return _mistaken(kind, number)
    return {"PNC": _pnc_as, "CRO": _cro_as, "NINO": _nino_as, "NHS": _nhs_as}[kind](random, number)


def _letter(number: str) -> str:
    return LETTERS[int(number) % len(LETTERS)]


def _mistaken(kind: str, number: str) -> str:
    """A sign too far; of a NINO another letter than there is."""
    if kind == "NINO":
        return f"DR{number[2:-1]}E"
    if kind == "NHS":
        return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    return number[:-1] + LETTERS[(LETTERS.index(number[-1]) + 1) % len(LETTERS)]


def _new_pnc(random: Random) -> str:
    year, serial = random.randrange(1965, 2025), random.randrange(1, 1_000_000)
    return f"{year}/{serial:07d}{_letter(f'{year % 100:02d}{serial:07d}')}"


def _pnc_as(random: Random, number: str) -> str:
    year, serial, letter = number[:4], number[5:-1], number[-1]
    forms = (
        number, number, f"{year[2:]}/{int(serial)}{letter}",
        f" - {year[2:]}/{serial}{letter.lower()} ", f"{year}{serial}{letter}",
    )  # fmt: skip
    return random.choice(forms)


def _new_cro(random: Random) -> str:
    year, serial = random.randrange(100), random.randrange(1, 1_000_000)
    if random.random() < 0.12:
        return f"SF{year:02d}/{serial}{_letter(f'{year:02d}{serial}')}"
    return f"{serial:06d}/{year:02d}{_letter(f'{year:02d}{serial:06d}')}"


def _cro_as(random: Random, number: str) -> str:
    how = random.random()
    if how < 0.03:
        return NOBODYS_CRO
    return f"  {number.lstrip('0').lower()} " if how < 0.18 and not number.startswith("SF") else number


def _new_nino(random: Random) -> str:
    return f"{random.choice(NINO_PREFIXES)}{random.randrange(1_000_000):06d}{random.choice('ABCD')}"


def _nino_as(random: Random, number: str) -> str:
    return f"{number.lower()} " if random.random() < 0.1 else number


def _new_nhs(random: Random) -> str:
    """From the range that begins with 999, which is for tests only."""
    check = 10
    while check == 10:
        body = f"999{random.randrange(1_000_000):06d}"
        check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    return f"{body}{check}"


def _nhs_as(random: Random, number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if random.random() < 0.3 else number
