"""Numbers that have the shape and the check of real ones, and how people write them. Nobody's: they are drawn at random."""

from random import Random

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
STREETS = (
    "Acacia Avenue", "Station Road", "Mill Lane", "Church Street", "Victoria Road", "High Street", "Park View", "The Crescent",
    "Queens Drive", "Oak Close", "Albert Terrace", "Brook Gardens", "Heath Rise", "St Marys Road", "Beech Grove", "Canal Walk",
    "King Edward Way", "Lower Hill Road", "Wellington Place", "Heol y Bryn", "Old Farm Court", "Northfield Crescent",
)  # fmt: skip
TOWNS = (
    "Leeds",
    "Wakefield",
    "Cardiff",
    "Hull",
    "Croydon",
    "Bootle",
    "Swansea",
    "Luton",
    "Dewsbury",
    "Oldham",
    "Wrexham",
    "Slough",
)
AREAS = ("LS", "WF", "CF", "HU", "CR", "L", "SA", "LU", "M", "B", "NE", "SE", "E", "BD")


def _digits(r: Random, n: int) -> str:
    return "".join(r.choice("0123456789") for _ in range(n))


def nhs(r: Random) -> str:
    while True:
        nine = r.choice("4567") + _digits(r, 8)
        check = (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return nine + str(check)


def written_nhs(r: Random) -> str:
    n = nhs(r)
    return r.choice((n, f"{n[:3]} {n[3:6]} {n[6:]}", f"{n[:3]}-{n[3:6]}-{n[6:]}", f"{n[:3]} {n[3:6]}\n{n[6:]}"))


def pnc(r: Random) -> str:
    year, serial = r.choice((1979, 1988, 1995, 2001, 2007, 2013, 2019)), _digits(r, 7)
    letter = LETTERS[int(f"{year % 100:02}{serial}") % 23]
    return r.choice((f"{year}/{serial}{letter}", f"{year % 100:02}/{int(serial)}{letter}", f"{year}/{serial}{letter}".lower()))


def cro(r: Random) -> str:
    serial, year = _digits(r, 6), r.choice((85, 91, 99))
    return f"{serial}/{year:02}{LETTERS[int(f'{year:02}{serial}') % 23]}"


def noms(r: Random) -> str:
    n = f"A{_digits(r, 4)}{r.choice('ACDEFGJKVWXYZ')}{r.choice('ACDEFGJKVWXYZ')}"
    return r.choice((n, n, n.lower(), f"{n[0]} {n[1:5]} {n[5:]}", n.replace("0", "O", 1) if "0" in n[1:5] else n))


def nino(r: Random) -> str:
    n = r.choice(("AB", "JG", "SR", "PW", "CE")) + _digits(r, 6) + r.choice("ABCD")
    spaced = " ".join((n[:2], n[2:4], n[4:6], n[6:8], n[8]))
    return r.choice((n, spaced, spaced, n.lower(), spaced.replace(" ", "-")))


def licence(r: Random) -> str:
    return f"{r.choice(('MORGA', 'SMITH', 'KHAN9', 'LEE99', 'WOJCI'))}{r.randint(5, 9)}{r.choice(('03', '11', '57'))}{r.randint(1, 28):02}{r.randint(0, 9)}{r.choice(('AB', 'J9', 'TR'))}9{r.choice(('IJ', 'RB', 'WX'))}"


def passport(r: Random) -> str:
    return _digits(r, 9)


def vehicle(r: Random) -> str:
    n = (
        r.choice(("YK", "BD", "LS", "CE", "MX"))
        + r.choice(("08", "12", "17", "64", "71"))
        + "".join(r.choice("ABDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
    )
    return r.choice((n, f"{n[:4]} {n[4:]}", f"{n[:4]} {n[4:]}", n.lower()))


def card(r: Random) -> str:
    digits = "4" + _digits(r, 14)
    total = sum(int(d) if i % 2 else int(d) * 2 - 9 * (int(d) > 4) for i, d in enumerate(digits))
    n = digits + str(-total % 10)
    return r.choice((n, f"{n[:4]} {n[4:8]} {n[8:12]} {n[12:]}", f"{n[:4]}-{n[4:8]}-{n[8:12]}-{n[12:]}"))


def sort_code(r: Random) -> str:
    return f"{r.randint(10, 79)}-{r.randint(10, 99)}-{r.randint(10, 99)}"


def account(r: Random) -> str:
    return r.choice("123456789") + _digits(r, 7)


def iban(r: Random) -> str:
    body = "NWBK" + _digits(r, 14)
    turned = "".join(str(ord(c) - 55) if c.isalpha() else c for c in body + "GB00")
    n = f"GB{98 - int(turned) % 97:02}{body}"
    return r.choice((n, " ".join(n[i : i + 4] for i in range(0, len(n), 4))))


def phone(r: Random) -> str:
    tail = _digits(r, 3)
    return r.choice((
        f"07700 900{tail}", f"07700900{tail}", f"0770 090 0{tail}", f"+44 7700 900{tail}", f"+447700900{tail}", f"0113 496 0{tail}",
        f"(0113) 496 0{tail}", f"020 7946 0{tail}", f"07700-900-{tail}", f"O77OO 9OO{tail}", f"07700\n900{tail}", "+48 601 123 4" + tail[:2],
    ))  # fmt: skip


def email(r: Random, given: str, last: str) -> str:
    a, b = (_plain(x) for x in (given, last))
    at = r.choice(("example.com", "gmail.com", "hotmail.co.uk", "yahoo.co.uk"))
    return r.choice((f"{a}.{b}@{at}", f"{a[0]}{b}{r.randint(1, 99)}@{at}", f"{a}_{b}@{at}".upper(), f"{b}@\n{at}"))


def handle(r: Random, given: str) -> str:
    a = _plain(given)
    return r.choice(
        (
            f"@{a}_{r.randint(10, 99)}",
            f"@lil{a}",
            f"www.facebook.com/{a}.{r.randint(100, 999)}",
            f"https://instagram.com/{a}{r.randint(1, 99)}/",
        )
    )


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isascii() and c.isalpha()) or "x"


def ip(r: Random) -> str:
    return r.choice(
        (f"192.168.{r.randint(0, 255)}.{r.randint(1, 254)}", f"86.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}")
    )


def postcode(r: Random) -> str:
    n = f"{r.choice(AREAS)}{r.randint(1, 19)} {r.randint(1, 9)}{r.choice('ABDEFGHJLNPQRSTUWXYZ')}{r.choice('ABDEFGHJLNPQRSTUWXYZ')}"
    return r.choice((n, n, n.replace(" ", ""), n.lower()))


def address(r: Random) -> str:
    street, number = r.choice(STREETS), r.randint(1, 180)
    line = r.choice(
        (
            f"{number} {street}",
            f"{number} {street}",
            f"Flat {r.randint(1, 9)}, {number} {street}",
            f"{number}{r.choice('AB')} {street}",
        )
    )
    return r.choice((line, f"{line}, {r.choice(TOWNS)}"))


def birth(r: Random) -> str:
    d, m, y = r.randint(1, 28), r.randint(1, 12), r.randint(1950, 2006)
    return _date(r, d, m, y)


def date(r: Random) -> str:
    return _date(r, r.randint(1, 28), r.randint(1, 12), r.randint(2019, 2025))


def _date(r: Random, d: int, m: int, y: int) -> str:
    return r.choice((
        f"{d:02}/{m:02}/{y}", f"{d}/{m}/{y % 100:02}", f"{d} {MONTHS[m - 1]} {y}", f"{d}th {MONTHS[m - 1][:3]} {y}", f"{y}-{m:02}-{d:02}",
        f"{d:02}.{m:02}.{y}", f"{d:02}-{m:02}-{y}",
    ))  # fmt: skip
