"""Probation addresses: where a person on probation lives, and lived before. Owner: probation-data."""

from custody import DATE, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, Link, check, clean, protect

probation_addresses = Dataset(
    source="delius.public.offender_address",
    owner="probation-data",
    key=("address_id",),
    subject="offender_id",
    columns=(
        Column("address_id",  INT64,         protect=protect.keep),
        Column("offender_id", INT64,         protect=protect.keep),
        Column("status",      TEXT,          protect=protect.keep, check=(check.one_of("M", "P"),)),
        Column("postcode",    TEXT,          protect=protect.outcode_only, clean=(clean.postcode,)),
        Column("began_on",    DATE,          protect=protect.year_only),
        Column("ended_on",    DATE,          protect=protect.year_only),
        Column("created_at",  TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at", TIMESTAMP,     protect=protect.keep),
    ),
    link=Link(model="person", reads={"postcode": "postcode"}),
)  # fmt: skip
