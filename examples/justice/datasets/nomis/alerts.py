"""Alerts: what staff must know before they open a door. Owner: safety."""

from custody import BOOL, DATE, INT64, JSON, TEXT, Column, Dataset, check, clean, protect

alerts = Dataset(
    source="nomis.public.alerts",
    owner="safety",
    key=("alert_id",),
    subject="offender_id",
    columns=(
        Column("alert_id",    INT64, protect=protect.keep),
        Column("offender_id", INT64, protect=protect.keep),
        Column("alert_code",  TEXT,  protect=protect.keep, clean=(clean.trim,), check=(check.matches("[A-Z]{2,4}"),)),
        Column("comment",     TEXT,  protect=protect.redact),
        Column("is_active",   BOOL,  protect=protect.keep),
        Column("expires_on",  DATE,  protect=protect.keep),
        Column("detail",      JSON,  protect=protect.keep),
    ),
)  # fmt: skip
