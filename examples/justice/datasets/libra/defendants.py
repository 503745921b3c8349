"""Defendants: one row per case of whoever stands before a magistrates' court, organisations among them. Owner: court-data.

The day of birth is text: a court writes it in many ways, and what can't be read is still what the source holds.
"""

from custody import DATE, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, Link, check, clean, protect

defendants = Dataset(
    source="libra.public.defendants",
    owner="court-data",
    key=("defendant_id",),
    subject="defendant_id",
    columns=(
        Column("defendant_id",   INT64,         protect=protect.keep),
        Column("case_no",        TEXT,          protect=protect.token("case"), clean=(clean.trim,), check=(check.required,)),
        Column("court",          TEXT,          protect=protect.keep, check=(check.matches("B[0-9]{2}[A-Z]{2}"),)),
        Column("hearing_on",     DATE,          protect=protect.keep),
        Column("defendant_type", TEXT,          protect=protect.keep, check=(check.one_of("P", "O"),)),
        Column("name",           TEXT,          protect=protect.withhold, clean=(clean.squeeze,)),
        Column("title",          TEXT,          protect=protect.withhold, clean=(clean.trim,)),
        Column("forename1",      TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("forename2",      TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper)),
        Column("surname",        TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("date_of_birth",  TEXT,          protect=protect.withhold, clean=(clean.trim, clean.without("not known", "01/01/1900"))),
        Column("sex",            TEXT,          protect=protect.keep, check=(check.one_of("M", "F"),)),
        Column("postcode",       TEXT,          protect=protect.outcode_only, clean=(clean.postcode,)),
        Column("pnc",            TEXT,          protect=protect.token("pnc"), clean=(clean.trim, clean.pnc)),
        Column("cro",            TEXT,          protect=protect.token("cro"), clean=(clean.trim, clean.cro, clean.without("000000/00Z"))),
        Column("created_at",     TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",    TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(
        model="person",
        reads={
            "forename1": "forename",
            "forename2": "middle_name",
            "surname": "surname",
            "date_of_birth": "birth_date",
            "sex": "sex",
            "postcode": "postcode",
            "pnc": "pnc",
            "cro": "cro",
            "defendant_type": "organisation",
        },
    ),
)  # fmt: skip
