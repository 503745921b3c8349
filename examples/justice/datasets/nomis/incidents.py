"""Incidents: assaults, finds and fires, one row each, and the log of each prison. Owner: safety."""

from custody import DATE, FLOAT64, INT64, LIST, TEXT, TIME, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, check, protect

incidents = Dataset(
    source="nomis.public.incidents",
    owner="safety",
    key=("incident_id",),
    subject="lead_offender_id",
    columns=(
        Column("incident_id",      INT64,         protect=protect.keep),
        Column("lead_offender_id", INT64,         protect=protect.keep),
        Column("prison",           TEXT,          protect=protect.keep, check=(check.matches("[A-Z]{3}"),)),
        Column("kind",             TEXT,          protect=protect.keep),
        Column("happened_on",      DATE,          protect=protect.keep),
        Column("happened_at",      TIME,          protect=protect.keep),
        Column("places",           LIST(TEXT),    protect=protect.keep),
        Column("severity",         FLOAT64,       protect=protect.keep, check=(check.between(0.0, 10.0),)),
        Column("description",      TEXT,          protect=protect.redact),
        Column("reported_at",      TIMESTAMP,     protect=protect.keep),
        Column("created_at",       TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at",      TIMESTAMP,     protect=protect.keep),
    ),
)  # fmt: skip
