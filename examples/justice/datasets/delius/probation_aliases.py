"""Probation aliases: other names and days of birth that a person on probation has given. Owner: probation-data."""

from datetime import date

from custody import BOOL, DATE, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, Link, clean, protect

probation_aliases = Dataset(
    source="delius.public.alias",
    owner="probation-data",
    key=("alias_id",),
    subject="offender_id",
    columns=(
        Column("alias_id",      INT64,         protect=protect.keep),
        Column("offender_id",   INT64,         protect=protect.keep),
        Column("first_name",    TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("surname",       TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("date_of_birth", DATE,          protect=protect.year_only, clean=(clean.without(date(1900, 1, 1), date(1970, 1, 1)),)),
        Column("is_alias",      BOOL,          protect=protect.keep),
        Column("created_at",    TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",   TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(
        model="person",
        further="is_alias",
        reads={"first_name": "forename", "surname": "surname", "date_of_birth": "birth_date"},
    ),
)  # fmt: skip
