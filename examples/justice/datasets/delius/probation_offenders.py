"""Probation offenders: one row per record of a person on probation; one that was removed is mostly only marked. Owner: probation-data."""

from datetime import date

from custody import BOOL, DATE, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, Link, check, clean, protect

probation_offenders = Dataset(
    source="delius.public.offender",
    owner="probation-data",
    key=("offender_id",),
    subject="offender_id",
    columns=(
        Column("offender_id",      INT64,         protect=protect.keep),
        Column("crn",              TEXT,          protect=protect.token("crn"), check=(check.matches("[A-Z][0-9]{6}"),)),
        Column("first_name",       TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("second_name",      TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper)),
        Column("surname",          TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper, clean.without("NOT ENTERED", "UNKNOWN"))),
        Column("previous_surname", TEXT,          protect=protect.withhold, clean=(clean.squeeze, clean.upper)),
        Column("date_of_birth",    DATE,          protect=protect.year_only, clean=(clean.without(date(1900, 1, 1), date(1970, 1, 1)),)),
        Column("gender",           TEXT,          protect=protect.keep, clean=(clean.trim, clean.upper), check=(check.one_of("M", "F", "MALE", "FEMALE"),)),
        Column("pnc_number",       TEXT,          protect=protect.token("pnc"), clean=(clean.trim, clean.pnc)),
        Column("cro_number",       TEXT,          protect=protect.token("cro"), clean=(clean.trim, clean.cro, clean.without("000000/00Z"))),
        Column("ni_number",        TEXT,          protect=protect.token("nino"), clean=(clean.trim, clean.upper)),
        Column("noms_number",      TEXT,          protect=protect.token("person"), clean=(clean.trim, clean.upper), check=(check.noms_number,)),
        Column("soft_deleted",     BOOL,          protect=protect.keep),
        Column("created_at",       TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",      TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(
        model="person",
        gone="soft_deleted",
        reads={
            "first_name": "forename",
            "second_name": "middle_name",
            "surname": "surname",
            "previous_surname": "previous_surname",
            "date_of_birth": "birth_date",
            "gender": "sex",
            "pnc_number": "pnc",
            "cro_number": "cro",
            "ni_number": "nino",
            "noms_number": "noms",
        },
    ),
)  # fmt: skip
