"""Names for people who do not exist: common forenames and surnames, put together by chance."""

FORENAMES = (
    "Aaron", "Aisha", "Alan", "Amy", "Andre", "Blessing", "Carl", "Chloe", "Connor", "Dafydd", "Darren", "Dilys", "Elijah",
    "Emma", "Farah", "Gareth", "Grace", "Hamza", "Ian", "Imogen", "Jamal", "Jade", "Jean-Paul", "Karen", "Kwame", "Leah",
    "Liam", "Mary-Jane", "Mohammed", "Niamh", "Oluwaseun", "Omar", "Patricia", "Priya", "Rhys", "Róisín", "Sean", "Siân",
    "Tariq", "Tracey", "Wei", "Zoë",
)  # fmt: skip
SURNAMES = (
    "Adeyemi", "Ahmed", "Baker", "Begum", "Brown", "Campbell", "Chen", "Clarke", "D'Arcy", "Davies", "Evans", "Fernández",
    "Green", "Hall", "Hughes", "Hussain", "Jackson", "Jones", "Kaur", "Khan", "Kowalski", "Lewis", "Mac Donald", "McDonald",
    "Nguyen", "O'Connor", "O'Neill", "Okafor", "Patel", "Price", "Roberts", "Singh", "Smith", "St John", "Taylor", "Thomas",
    "Walker", "Williams", "Wójcik", "Young",
)  # fmt: skip
PRISONS = ("BXI", "LEI", "MDI", "PVI", "WWI", "BMI", "CDI", "NHI")
POSTCODES = ("SW1A 1AA", "m1 1ae", "B33 8TH ", "CR2 6XH", "dn55 1pt", "EC1A1BB", "W1A 0AX", "LS2 9JT", "not known", "")
