"""Identifiers: the numbers that police, courts, health and tax know a person by. Owner: prison-data."""

from custody import DATE, INT64, TEXT, UUID, Column, Dataset, clean, protect

identifiers = Dataset(
    source="nomis.public.identifiers",
    owner="prison-data",
    key=("identifier_id",),
    subject="offender_id",
    columns=(
        Column("identifier_id", UUID,  protect=protect.keep),
        Column("offender_id",   INT64, protect=protect.keep),
        Column("kind",          TEXT,  protect=protect.keep, clean=(clean.trim, clean.upper)),
        Column("value",         TEXT,  protect=protect.token("identifier"), clean=(clean.squeeze, clean.upper, clean.without("000000/00Z"))),
        Column("issued_on",     DATE,  protect=protect.year_only),
    ),
)  # fmt: skip
