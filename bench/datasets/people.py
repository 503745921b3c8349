"""People: a made-up table of fourteen columns for measuring. Owner: bench."""

from datetime import date

from custody import BOOL, DATE, DECIMAL, INT32, INT64, TEXT, TIMESTAMP, Column, Dataset, check, clean, protect

people = Dataset(
    source="bench.public.people",
    owner="bench",
    key=("person_id",),
    subject="person_id",
    columns=(
        Column("person_id",     INT64,          protect=protect.keep),
        Column("noms_number",   TEXT,           protect=protect.token("person"), clean=(clean.trim, clean.upper), check=(check.noms_number,)),
        Column("surname",       TEXT,           protect=protect.withhold, clean=(clean.trim, clean.upper)),
        Column("forename",      TEXT,           protect=protect.withhold, clean=(clean.trim, clean.upper)),
        Column("date_of_birth", DATE,           protect=protect.year_only, clean=(clean.without(date(1900, 1, 1)),)),
        Column("postcode",      TEXT,           protect=protect.outcode_only, clean=(clean.postcode,)),
        Column("status",        TEXT,           protect=protect.keep, check=(check.one_of("HELD", "RELEASED"),)),
        Column("prison",        TEXT,           protect=protect.keep, clean=(clean.trim,)),
        Column("visits",        INT32,          protect=protect.keep),
        Column("is_active",     BOOL,           protect=protect.keep),
        Column("balance",       DECIMAL(10, 2), protect=protect.keep),
        Column("modified_at",   TIMESTAMP,      protect=protect.keep),
        Column("comment",       TEXT,           protect=protect.redact),
        Column("reference",     TEXT,           protect=protect.keep),
    ),
)  # fmt: skip
