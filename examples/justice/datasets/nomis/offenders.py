"""Offenders: one row per name of a person known to a prison; aliases share a root. Owner: prison-data."""

from datetime import date

from custody import BOOL, DATE, DECIMAL, INT64, LIST, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, Link, check, clean, protect

offenders = Dataset(
    source="nomis.public.offenders",
    owner="prison-data",
    key=("offender_id",),
    subject="root_offender_id",
    columns=(
        Column("offender_id",      INT64,         protect=protect.keep),
        Column("root_offender_id", INT64,         protect=protect.keep),
        Column("noms_number",      TEXT,          protect=protect.token("person"), clean=(clean.trim, clean.upper), check=(check.noms_number,)),
        Column("surname",          TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("forename",         TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("middle_names",     LIST(TEXT),    protect=protect.withhold),
        Column("date_of_birth",    DATE,          protect=protect.year_only, clean=(clean.without(date(1900, 1, 1), date(1970, 1, 1)),), check=(check.not_after(date(2016, 1, 1)),)),
        Column("sex",              TEXT,          protect=protect.keep, clean=(clean.trim, clean.upper), check=(check.one_of("M", "F", "NS"),)),
        Column("ethnicity",        TEXT,          protect=protect.keep, clean=(clean.trim, clean.without("NOT ENTERED"))),
        Column("postcode",         TEXT,          protect=protect.outcode_only, clean=(clean.postcode,)),
        Column("email",            TEXT,          protect=protect.token("email"), clean=(clean.trim, clean.lower), check=(check.email,)),
        Column("is_alias",         BOOL,          protect=protect.keep),
        Column("status",           TEXT,          protect=protect.keep),
        Column("risk_score",       DECIMAL(5, 2), protect=protect.keep),
        Column("created_at",       TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",      TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(
        model="person",
        further="is_alias",
        reads={
            "surname": "surname",
            "forename": "forename",
            "middle_names": "middle_name",
            "date_of_birth": "birth_date",
            "sex": "sex",
            "postcode": "postcode",
            "email": "email",
            "noms_number": "noms",
        },
    ),
)  # fmt: skip
