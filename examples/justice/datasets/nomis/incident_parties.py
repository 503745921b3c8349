"""Incident parties: who took part in an incident, and how. Owner: safety."""

from custody import INT32, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, check, clean, protect

incident_parties = Dataset(
    source="nomis.public.incident_parties",
    owner="safety",
    key=("incident_id", "party_seq"),
    subject="offender_id",
    relates="incident_id",
    columns=(
        Column("incident_id", INT64,         protect=protect.keep),
        Column("party_seq",   INT32,         protect=protect.keep),
        Column("offender_id", INT64,         protect=protect.keep),
        Column("role",        TEXT,          protect=protect.keep, check=(check.one_of("VICT", "ASSIAL", "FIGHT", "AI"),)),
        Column("outcome",     TEXT,          protect=protect.keep, clean=(clean.squeeze, clean.upper)),
        Column("created_at",  TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at", TIMESTAMP,     protect=protect.keep),
    ),
)  # fmt: skip
