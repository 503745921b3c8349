"""Names and addresses for people who do not exist: common forenames and surnames, and what stands where a name should."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from random import Random

MEN = (
    "David", "John", "Michael", "James", "Paul", "Mohammed", "Andrew", "Mark", "Robert", "Christopher", "Stephen", "Daniel",
    "Thomas", "Matthew", "Richard", "Peter", "Lee", "William", "Anthony", "Ryan", "Jamie", "Kevin", "Steven", "Adam", "Luke",
    "Ian", "Darren", "Craig", "Joseph", "Jason", "Jordan", "Gary", "Simon", "Liam", "Benjamin", "Carl", "Nathan", "Connor",
    "Martin", "Alan", "Sean", "Callum", "Kyle", "Scott", "Dean", "Aaron", "George", "Samuel", "Ashley", "Shaun", "Wayne",
    "Jake", "Nicholas", "Alexander", "Kieran", "Philip", "Gareth", "Jack", "Stuart", "Barry", "Brian", "Joshua", "Terence",
    "Patrick", "Lewis", "Dale", "Ricky", "Marcus", "Tyrone", "Leon", "Jermaine", "Kenneth", "Edward", "Brandon", "Reece",
    "Charles", "Neil", "Damien", "Imran", "Ahmed", "Ali", "Tariq", "Hamza", "Bilal", "Omar", "Ibrahim", "Yusuf", "Jamal",
    "Andre", "Elijah", "Kwame", "Dwayne", "Rhys", "Dafydd", "Gethin", "Ewan", "Fergus", "Declan", "Cormac", "Raymond",
    "Frederick", "Harold", "Ronald", "Leonard", "Timothy", "Gregory", "Vincent", "Ravi", "Arjun", "Gurpreet", "Harjit",
    "Piotr", "Marek", "Andrzej", "Florin", "Ionut", "Minh", "Wei", "Oluwaseun", "Emeka", "Tunde", "Jean-Paul", "Jos\u00e9",
    "\u5f35\u5049",
)  # fmt: skip
WOMEN = (
    "Sarah", "Emma", "Claire", "Lisa", "Rebecca", "Michelle", "Samantha", "Laura", "Nicola", "Kelly", "Gemma", "Stacey",
    "Leanne", "Jessica", "Victoria", "Jennifer", "Amy", "Karen", "Rachel", "Louise", "Charlotte", "Natalie", "Elizabeth",
    "Joanne", "Danielle", "Amanda", "Kirsty", "Donna", "Hayley", "Kerry", "Zoe", "Tracey", "Susan", "Lauren", "Chloe", "Hannah",
    "Jade", "Carly", "Angela", "Katie", "Julie", "Natasha", "Lucy", "Sophie", "Stephanie", "Deborah", "Jacqueline", "Christine",
    "Margaret", "Patricia", "Catherine", "Maria", "Anne", "Janet", "Sharon", "Alison", "Shannon", "Toni", "Abigail", "Bethany",
    "Leah", "Grace", "Holly", "Jodie", "Tina", "Paula", "Vanessa", "Aisha", "Fatima", "Farah", "Nadia", "Yasmin", "Priya",
    "Blessing", "Chantelle", "Tanisha", "Siobhan", "Niamh", "R\u00f3is\u00edn", "Si\u00e2n", "Rhiannon", "Dilys", "Imogen",
    "Eleanor", "Dorothy", "Beverley", "Maureen", "Theresa", "Ewa", "Agnieszka", "Magdalena", "Mihaela", "Thi", "Mei", "Folake",
    "Ngozi", "Mary-Jane", "Zo\u00eb", "Zoe\u0308",
)  # fmt: skip
SURNAMES = (
    "Smith", "Jones", "Williams", "Brown", "Taylor", "Davies", "Wilson", "Evans", "Thomas", "Johnson", "Roberts", "Khan",
    "Lewis", "Walker", "Robinson", "Wood", "Thompson", "White", "Watson", "Jackson", "Wright", "Green", "Harris", "Cooper",
    "King", "Lee", "Martin", "Clarke", "James", "Morgan", "Hughes", "Edwards", "Hill", "Moore", "Clark", "Harrison", "Scott",
    "Young", "Morris", "Hall", "Ward", "Turner", "Carter", "Phillips", "Mitchell", "Patel", "Adams", "Campbell", "Anderson",
    "Allen", "Cook", "Bailey", "Parker", "Miller", "Davis", "Murphy", "Price", "Bell", "Baker", "Griffiths", "Kelly", "Simpson",
    "Marshall", "Collins", "Bennett", "Cox", "Richardson", "Fox", "Gray", "Rose", "Chapman", "Hunt", "Robertson", "Shaw",
    "Reynolds", "Lloyd", "Ellis", "Richards", "Russell", "Wilkinson", "Ahmed", "Hussain", "Ali", "Singh", "Kaur", "Begum",
    "Stevens", "Stewart", "Holmes", "Mills", "Webb", "Rogers", "Gibson", "Hunter", "Palmer", "Mason", "Knight", "Powell",
    "Butler", "Barker", "Matthews", "Fisher", "Dixon", "Barnes", "Rees", "Owen", "Jenkins", "Harvey", "Graham", "Fletcher",
    "Spencer", "Murray", "Kennedy", "Elliott", "Pearson", "Walsh", "Armstrong", "Grant", "Atkinson", "Lawrence", "Saunders",
    "West", "Hart", "Bradley", "Carr", "Cole", "Woods", "Dunn", "Nicholson", "Burton", "Pearce", "Doyle", "Ryan", "Booth",
    "Hopkins", "Gardner", "Stone", "Reid", "Francis", "Andrews", "O'Connor", "O\u2019Neill", "O'Brien", "Byrne", "Gallagher",
    "McDonald", "Mac Donald", "McCarthy", "McKenzie", "McLean", "Fraser", "Sutherland", "Ferguson", "Docherty", "Quinn", "Nolan",
    "Riley", "Hayes", "Barrett", "Perry", "Oliver", "Newman", "Day", "Moss", "Nash", "Bishop", "Hewitt", "Sutton", "Parry",
    "Pritchard", "Bowen", "Vaughan", "Prosser", "Gittins", "Okafor", "Adeyemi", "Mensah", "Osei", "Balogun", "Nwosu", "Mohamed",
    "Abdi", "Iqbal", "Malik", "Mahmood", "Akhtar", "Rahman", "Miah", "Chowdhury", "Shah", "Mistry", "Sharma", "Gill", "Sandhu",
    "Nguyen", "Tran", "Chen", "Wong", "Zhang", "Kowalski", "W\u00f3jcik", "Nowak", "Popescu", "Ionescu", "Petrov", "Horv\u00e1th",
    "Fern\u00e1ndez", "Silva", "Costa", "D'Arcy", "St John", "Ashdown", "Blackledge", "Cattermole", "Dewhurst", "Entwistle",
    "Fairclough", "Garside", "Hebblethwaite", "Inskip", "Jellicoe", "Kirkbride", "Lockwood", "Micklethwait", "Narracott",
    "Ormerod", "Pickersgill", "Quayle", "Ramsbottom", "Satterthwaite", "Thistlewood", "Underhill", "Verity", "Wolstenholme",
    "Yardley", "Zeal",
)  # fmt: skip
FORENAMES = {"M": MEN, "F": WOMEN}
PET_FORMS = {
    "David": "Dave", "John": "Jack", "Michael": "Mick", "James": "Jim", "Robert": "Bob", "Christopher": "Chris",
    "Stephen": "Steve", "Daniel": "Danny", "Thomas": "Tom", "Matthew": "Matt", "Richard": "Dick", "William": "Bill",
    "Anthony": "Tony", "Steven": "Steve", "Joseph": "Joe", "Benjamin": "Ben", "Samuel": "Sam", "Nicholas": "Nick",
    "Alexander": "Alex", "Philip": "Phil", "Joshua": "Josh", "Terence": "Terry", "Patrick": "Paddy", "Kenneth": "Ken",
    "Edward": "Ted", "Charles": "Charlie", "Andrew": "Andy", "Raymond": "Ray", "Frederick": "Fred", "Ronald": "Ron",
    "Leonard": "Len", "Timothy": "Tim", "Gregory": "Greg", "Vincent": "Vince", "Rebecca": "Becky", "Samantha": "Sam",
    "Jessica": "Jess", "Victoria": "Vicky", "Jennifer": "Jenny", "Elizabeth": "Liz", "Amanda": "Mandy", "Susan": "Sue",
    "Deborah": "Debbie", "Margaret": "Peggy", "Patricia": "Pat", "Catherine": "Kate", "Christine": "Chris",
    "Stephanie": "Steph", "Abigail": "Abbie", "Bethany": "Beth", "Theresa": "Terri", "Dorothy": "Dot", "Natasha": "Tasha",
    "Eleanor": "Ellie",
}  # fmt: skip
COMMON = 8
"""The first so many forenames and surnames are those of several people who have nothing else in common."""
NO_NAMES = ("NOT ENTERED", "UNKNOWN", "", "X", "MIG_ERROR_TOM", "DUPLICATE_BROWN", "NO_SHOW_WILLIAM")
PRISONS = ("BXI", "LEI", "MDI", "PVI", "WWI", "BMI", "CDI", "NHI")
COURTS = ("B01LY", "B13HD", "B20EB", "B50KH", "B62DC")
NO_POSTCODES = ("NF1 1NF", "not known", "")
_AREAS = (
    "B",
    "BD",
    "BS",
    "CF",
    "DE",
    "DN",
    "E",
    "G",
    "HU",
    "L",
    "LE",
    "LS",
    "M",
    "NE",
    "NG",
    "OL",
    "PR",
    "S",
    "SE",
    "SW",
    "TS",
    "WN",
)
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@lru_cache
def _frequencies(count: int, flat: int) -> list[float]:
    """A few names are very common, and most are rare: the n-th is as frequent as 1 / (n + flat)."""
    return list(accumulate(1 / (place + flat) for place in range(1, count + 1)))


def _drawn(random: Random, names: Sequence[str], flat: int) -> str:
    [name] = random.choices(names, cum_weights=_frequencies(len(names), flat))
    return name


def forename(random: Random, sex: str) -> str:
    return _drawn(random, FORENAMES[sex], 20)


def surname(random: Random) -> str:
    """A surname, now and then of two."""
    first = _drawn(random, SURNAMES, 30)
    return f"{first}-{_drawn(random, SURNAMES, 30)}" if random.random() < 0.02 else first


def postcode(random: Random) -> str:
    """The shape of a postcode; whether there is such a place is not asked."""
    return f"{random.choice(_AREAS)}{random.randrange(1, 29)} {random.randrange(10)}{''.join(random.choices(_INWARD, k=2))}"


def typed(random: Random, name: str) -> str:
    """A name as it is typed in: mostly in capitals, sometimes with blanks around, or in lower case."""
    how = random.random()
    if how < 0.07:
        return f" {name.lower()}  "
    if how < 0.09:
        return name.replace(" ", "  ") + "\t"
    return name.upper() if how < 0.7 else name


def dirty(random: Random, name: str) -> str:
    """A name as it is typed in, or what is typed where no name is known."""
    return random.choice(NO_NAMES) if random.random() < 0.1 else typed(random, name)


def typed_postcode(random: Random, code: str) -> str:
    how = random.random()
    if how < 0.06:
        return code.lower()
    return code.replace(" ", "") if how < 0.14 else f"{code} " if how < 0.18 else code


def full_name(random: Random) -> tuple[str, str]:
    """Surname and forename of somebody."""
    return surname(random), forename(random, "F" if random.random() < 0.2 else "M")
