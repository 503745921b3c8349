"""Case notes: what staff wrote about a person; its text without the people in it. Owner: prison-data.

The seal is a time-stamp of the note (RFC 3161): it proves when, and tells nothing of the person.
"""

from custody import BINARY, BOOL, INT64, TEXT, TIMESTAMP, TIMESTAMP_NTZ, Column, Dataset, clean, protect

case_notes = Dataset(
    source="nomis.public.case_notes",
    owner="prison-data",
    key=("note_id",),
    subject="offender_id",
    columns=(
        Column("note_id",     INT64,         protect=protect.keep),
        Column("offender_id", INT64,         protect=protect.keep),
        Column("kind",        TEXT,          protect=protect.keep, clean=(clean.trim, clean.upper)),
        Column("note",        TEXT,          protect=protect.redact),
        Column("seal",        BINARY,        protect=protect.keep),
        Column("is_read",     BOOL,          protect=protect.keep),
        Column("written_at",  TIMESTAMP,     protect=protect.keep),
        Column("created_at",  TIMESTAMP_NTZ, protect=protect.keep),
        Column("modified_at", TIMESTAMP,     protect=protect.keep),
    ),
)  # fmt: skip
