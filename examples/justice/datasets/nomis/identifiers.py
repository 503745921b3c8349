"""Identifiers: the numbers that police, courts, tax and health know a person by, and the records merged into his. Owner: prison-data.

Wrong check letters pass: a number that was mistyped is still what the source holds.
"""

from custody import BOOL, DATE, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, UUID, Column, Dataset, Link, check, clean, protect

identifiers = Dataset(
    source="nomis.public.identifiers",
    owner="prison-data",
    key=("identifier_id",),
    subject="offender_id",
    columns=(
        Column("identifier_id",      UUID,          protect=protect.keep),
        Column("offender_id",        INT64,         protect=protect.keep),
        Column("kind",               TEXT,          protect=protect.keep, clean=(clean.trim, clean.upper), check=(check.one_of("PNC", "CRO", "NINO", "NHS", "MERGED"),)),
        Column("pnc",                TEXT,          protect=protect.token("pnc"), clean=(clean.trim, clean.pnc)),
        Column("cro",                TEXT,          protect=protect.token("cro"), clean=(clean.trim, clean.cro, clean.without("000000/00Z"))),
        Column("nino",               TEXT,          protect=protect.token("nino"), clean=(clean.trim, clean.upper)),
        Column("nhs_number",         TEXT,          protect=protect.token("nhs"), clean=(clean.digits,)),
        Column("merged_offender_id", INT64,         protect=protect.keep),
        Column("is_verified",        BOOL,          protect=protect.keep),
        Column("issued_on",          DATE,          protect=protect.year_only),
        Column("created_at",         TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",        TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(model="person", reads={"pnc": "pnc", "cro": "cro", "nino": "nino", "nhs_number": "nhs", "merged_offender_id": "merged"}),
)  # fmt: skip
