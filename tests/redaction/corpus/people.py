"""People who do not exist: names of many origins, some of them in no list, some of them words."""

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.redaction.corpus import numbers

FORENAMES = (
    "Daniel", "Sarah", "Lauren", "Connor", "Michelle", "Wayne", "Tracey", "Liam", "Gemma", "Darren", "Kelly", "Ashley", "Kieran", "Stacey",
    "Mohammed", "Imran", "Aisha", "Zainab", "Harpreet", "Gurdeep", "Priya", "Rajesh", "Thivya", "Faisal", "Oluwaseun", "Chidinma", "Kwabena",
    "Abiola", "Tendai", "Abdirahman", "Hodan", "Agnieszka", "Krzysztof", "Małgorzata", "Paweł", "Łukasz", "Ionuț", "Mihaela", "Arben", "Besnik",
    "Siân", "Rhys", "Angharad", "Gethin", "Llinos", "Niamh", "Ciarán", "Róisín", "Hamish", "Eilidh", "Delroy", "Shanice", "Tyrell", "Jermaine",
    "Xin", "Minh", "Huong", "Reza", "Shirin", "Yonas", "Selam", "Jean-Paul", "Mary-Jane", "Anne-Marie", "Zoë", "Chloé",
)  # fmt: skip
SURNAMES = (
    "Smith", "Thompson", "Wilkinson", "Hargreaves", "Braithwaite", "Cartwright", "Sutcliffe", "Ramsbottom", "Akhtar", "Hussain", "Begum", "Khan",
    "Patel", "Sandhu", "Dhillon", "Sivakumar", "Chaudhry", "Adeyemi", "Okonkwo", "Mensah", "Moyo", "Warsame", "Farah", "Kowalczyk", "Wiśniewska",
    "Wójcik", "Nowak", "Popescu", "Ionescu", "Hoxha", "Krasniqi", "Jones", "Llewellyn", "Pritchard", "ap Rhys", "O'Connor", "O\u2019Neill", "McAllister",
    "MacDonald", "D'Souza", "Campbell", "Gayle", "Nguyen", "Tran", "Hosseini", "Tesfaye", "Smith-Jones", "Taylor-Brown", "Khan-Ahmed", "van der Berg",
    "de Souza", "El-Sayed", "St John", "Fitzgerald", "Kaur", "Singh",
)  # fmt: skip
UNLISTED_FORENAMES = (
    "Xolani",
    "Jávor",
    "Eerikki",
    "Zsófi",
    "Lungile",
    "Braxtyn",
    "Kaiyo",
    "Ndidika",
    "Tymek",
    "Arwenna",
    "Shaquon",
    "Mirkó",
    "Oyindu",
    "Thandrek",
)
UNLISTED_SURNAMES = (
    "Mthembu", "Szabolcsi", "Korhonniemi", "Zhelyazkov", "Dubravsky", "Okwuosa-Bright", "Tarnovski", "Quennelby", "Brackenthwaite", "Ystradfelin",
    "Adzimah", "Gebrezgi", "Purushottam", "Lindqvistson", "Hathersedge", "Vrabcenjak", "Nkemdirich", "Sorabjee-Walls",
)  # fmt: skip
WORDS_FORENAMES = ("Mark", "Will", "Grace", "May", "Hope", "Rose", "Bill", "Dean", "Faith", "Summer", "Frank", "Jade")
WORDS_SURNAMES = (
    "Brown",
    "Green",
    "Young",
    "Price",
    "Day",
    "Bell",
    "King",
    "Long",
    "Wood",
    "Hunt",
    "Rich",
    "Marsh",
    "Banks",
    "Lawless",
)
NICKNAMES = {
    "Daniel": "Danny",
    "Mohammed": "Mo",
    "Kieran": "Kez",
    "Darren": "Daz",
    "Michelle": "Shell",
    "William": "Billy",
    "Gemma": "Gem",
    "Agnieszka": "Aga",
}
ALIASES = ("Smiler", "Tiny Tim", "Big Kev", "Skinz", "Biggsy", "Ghostie", "Jay-Z", "Scouse Lee")


@dataclass(frozen=True, slots=True)
class Person:
    forename: str
    surname: str
    alias: str
    born: str
    values: dict[str, str]

    def row(self) -> dict[str, Any]:
        return {"forename": self.forename, "surname": self.surname}


def _pick(
    r: Random, plain: tuple[str, ...], unlisted: tuple[str, ...], words: tuple[str, ...], *, odd: float, wordy: float
) -> str:
    chance = r.random()
    return r.choice(unlisted) if chance < odd else r.choice(words) if chance < odd + wordy else r.choice(plain)


def stranger(r: Random) -> Person:
    """Somebody whom no row and no dictionary knows."""
    return Person(
        _pick(r, FORENAMES, UNLISTED_FORENAMES, WORDS_FORENAMES, odd=0.1, wordy=0.08),
        _pick(r, SURNAMES, UNLISTED_SURNAMES, WORDS_SURNAMES, odd=0.15, wordy=0.1),
        "", "", {},
    )  # fmt: skip


def subject(r: Random) -> Person:
    given = _pick(r, FORENAMES, UNLISTED_FORENAMES, WORDS_FORENAMES, odd=0.15, wordy=0.12)
    last = _pick(r, SURNAMES, UNLISTED_SURNAMES, WORDS_SURNAMES, odd=0.2, wordy=0.12)
    values = {
        "phone": numbers.phone(r),
        "pnc": numbers.pnc(r),
        "cro": numbers.cro(r),
        "noms_number": numbers.noms(r),
        "nino": numbers.nino(r),
    }
    values |= {"postcode": numbers.postcode(r)}
    return Person(
        given,
        last,
        NICKNAMES.get(given, r.choice(ALIASES)),
        f"{r.randint(1950, 2006)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
        values,
    )


def misspelt(r: Random, name: str) -> str:
    """One letter wrong, missing, doubled, or two in the wrong order; not the first."""
    letters = [i for i in range(1, len(name) - 1) if name[i].isalpha() and name[i + 1].isalpha()]
    if len(name) < 6 or not letters:
        return name
    at = r.choice(letters)
    return r.choice((
        name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:], name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + r.choice("aeiou") + name[at + 1 :],
    ))  # fmt: skip
