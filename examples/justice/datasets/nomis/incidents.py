"""Incidents: assaults, finds and fires, one row each. Owner: safety."""

from custody import DATE, FLOAT64, INT64, TEXT, TIME, TIMESTAMP, Column, Dataset, protect

incidents = Dataset(
    source="nomis.public.incidents",
    owner="safety",
    key=("incident_id",),
    columns=(
        Column("incident_id", INT64,     protect=protect.keep),
        Column("prison",      TEXT,      protect=protect.keep),
        Column("kind",        TEXT,      protect=protect.keep),
        Column("happened_on", DATE,      protect=protect.keep),
        Column("happened_at", TIME,      protect=protect.keep),
        Column("severity",    FLOAT64,   protect=protect.keep),
        Column("reported_at", TIMESTAMP, protect=protect.keep),
        Column("description", TEXT,      protect=protect.redact),
    ),
)  # fmt: skip
