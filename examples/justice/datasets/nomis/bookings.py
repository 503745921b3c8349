"""Bookings: one row per stay of a person in prison. Owner: prison-data."""

from custody import DATE, DECIMAL, INT16, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, check, clean, protect

bookings = Dataset(
    source="nomis.public.bookings",
    owner="prison-data",
    key=("offender_id", "booking_seq"),
    subject="offender_id",
    columns=(
        Column("offender_id",  INT64,          protect=protect.keep),
        Column("booking_seq",  INT16,          protect=protect.keep, check=(check.between(1, 999),)),
        Column("booking_no",   TEXT,           protect=protect.token("booking"), clean=(clean.trim, clean.upper), check=(check.required,)),
        Column("prison",       TEXT,           protect=protect.keep, check=(check.matches("[A-Z]{3}"),)),
        Column("cell",         TEXT,           protect=protect.withhold),
        Column("in_out",       TEXT,           protect=protect.keep, check=(check.one_of("IN", "OUT"),)),
        Column("began_on",     DATE,           protect=protect.keep),
        Column("ended_on",     DATE,           protect=protect.keep),
        Column("cash_balance", DECIMAL(10, 2), protect=protect.keep),
        Column("created_at",   TIMESTAMP_NTZ,  protect=protect.keep),
        Column("modified_at",  TIMESTAMP,      protect=protect.keep),
    ),
)  # fmt: skip
