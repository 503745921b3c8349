"""What the connector says of its snapshots, in Debezium's own words, and what follows from it."""

import json
from datetime import UTC, datetime

from connectors.notices import read_notices
from schemas.notice import Notices, Scan

ALL = "public.people,public.accounts,custody.signal"
AT = 1_795_555_509_591


def said(kind, epoch=1, aggregate="Initial Snapshot", **about):
    value = {"id": "1", "type": kind, "aggregate_type": aggregate, "additional_data": about, "timestamp": AT}
    return json.dumps(value).encode(), (("custody.epoch", str(epoch).encode()),)


def taken(*records):
    notices = Notices()
    notices.take(read_notices([value for value, _ in records], [headers for _, headers in records]))
    return notices


def scanned(rows, epoch=1, tables=ALL):
    about = {"scanned_collection": "public.people", "total_rows_scanned": str(rows), "data_collections": tables}
    return said("TABLE_SCAN_COMPLETED", epoch, **about)


BEGUN = said("DATA_COLLECTIONS_RESOLVED", data_collections=ALL)


def test_a_table_is_told_with_its_rows_its_epoch_and_the_time():
    notices = taken(
        BEGUN, scanned(0), said("COMPLETED"), said("DATA_COLLECTIONS_RESOLVED", 2, data_collections=ALL), scanned(3, 2)
    )
    at = datetime.fromtimestamp(AT / 1000, UTC)
    assert notices.scans("public.people") == {1: Scan(0, at), 2: Scan(3, at)}
    assert notices.scans("public.accounts") == {}
    assert notices.lost == -1


def test_the_newest_attempt_is_believed():
    assert taken(BEGUN, scanned(0), BEGUN, scanned(5)).scans("public.people")[1].rows == 5
    assert taken(BEGUN, scanned(0), BEGUN).scans("public.people") == {}


def test_a_snapshot_that_begins_where_one_was_complete_tells_a_lost_position():
    assert taken(BEGUN, BEGUN, said("COMPLETED")).lost == -1
    assert taken(BEGUN, said("COMPLETED"), said("SKIPPED"), BEGUN).lost == 1


def test_snapshots_on_request_say_nothing_of_the_epoch():
    asked = said("DATA_COLLECTIONS_RESOLVED", data_collections="public.people")
    empty = scanned(0, tables="public.people")
    incremental = said(
        "TABLE_SCAN_COMPLETED", aggregate="Incremental Snapshot", scanned_collection="public.people", data_collections=ALL
    )
    notices = taken(BEGUN, scanned(5), said("COMPLETED"), asked, empty, said("COMPLETED"), incremental)
    assert notices.scans("public.people")[1].rows == 5
    assert notices.lost == -1


def test_what_is_no_notification_is_passed_over():
    assert list(read_notices([None, b"", b"{}", b"\xff", b'{"type": 1}'], [()] * 5)) == []
