"""Incident parties: who took part in an incident, and how. Owner: safety."""

from custody import INT32, INT64, TEXT, Column, Dataset, protect

incident_parties = Dataset(
    source="nomis.public.incident_parties",
    owner="safety",
    key=("incident_id", "party_seq"),
    subject="offender_id",
    columns=(
        Column("incident_id", INT64, protect=protect.keep),
        Column("party_seq",   INT32, protect=protect.keep),
        Column("offender_id", INT64, protect=protect.keep),
        Column("role",        TEXT,  protect=protect.keep),
        Column("outcome",     TEXT,  protect=protect.keep),
    ),
)  # fmt: skip
