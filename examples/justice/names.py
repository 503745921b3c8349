"""Names for people who do not exist: common forenames and surnames, and what stands where a name should."""

from random import Random

FORENAMES = (
    "Aaron", "Aisha", "Alan", "Amy", "Andre", "Blessing", "Carl", "Chloe", "Connor", "Dafydd", "Darren", "Dilys", "Elijah",
    "Emma", "Farah", "Gareth", "Grace", "Hamza", "Ian", "Imogen", "Jamal", "Jade", "Jean-Paul", "Karen", "Kwame", "Leah",
    "Liam", "Mary-Jane", "Mohammed", "Niamh", "Oluwaseun", "Omar", "Patricia", "Priya", "Rhys", "Róisín", "Sean", "Siân",
    "Tariq", "Tracey", "Wei", "Zoë", "Zoe\u0308", "張偉",
)  # fmt: skip
SURNAMES = (
    "Adeyemi", "Ahmed", "Baker", "Begum", "Brown", "Campbell", "Chen", "Clarke", "D'Arcy", "Davies", "Evans", "Fernández",
    "Green", "Hall", "Hughes", "Hussain", "Jackson", "Jones", "Kaur", "Khan", "Kowalski", "Lewis", "Mac Donald", "McDonald",
    "Nguyen", "O'Connor", "O\u2019Neill", "Okafor", "Patel", "Price", "Roberts", "Singh", "Smith", "St John", "Taylor", "Thomas",
    "Walker", "Williams", "Wójcik", "Young",
)  # fmt: skip
NO_NAMES = ("NOT ENTERED", "UNKNOWN", "", "X", "MIG_ERROR_TOM", "DUPLICATE_BROWN", "NO_SHOW_WILLIAM")
PRISONS = ("BXI", "LEI", "MDI", "PVI", "WWI", "BMI", "CDI", "NHI")
POSTCODES = ("SW1A 1AA", "m1 1ae", "B33 8TH ", "CR2 6XH", "dn55 1pt", "EC1A1BB", "W1A 0AX", "LS2 9JT", "NF1 1NF", "not known", "")


def dirty(random: Random, name: str) -> str:
    """A name as it is typed in: mostly in capitals, sometimes with blanks around, in lower case, or not at all."""
    how = random.random()
    if how < 0.03:
        return random.choice(NO_NAMES)
    if how < 0.1:
        return f" {name.lower()}  "
    if how < 0.12:
        return name.replace(" ", "  ") + "\t"
    return name.upper() if how < 0.7 else name


def full_name(random: Random) -> tuple[str, str]:
    """Surname and forename; now and then the one stands where the other should."""
    surname, forename = random.choice(SURNAMES), random.choice(FORENAMES)
    return (forename, surname) if random.random() < 0.02 else (surname, forename)
