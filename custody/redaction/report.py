"""The report of an evaluation, for people: lines for a terminal, and a page."""

from collections.abc import Iterator
from html import escape
from typing import Any

_TABLES = (("by_kind", "Kind"), ("by_label", "Label"), ("by_register", "Register"))
_STYLE = (
    "body{font:15px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
    "code{white-space:pre-wrap}li{margin:.2rem 0}"
)


def as_lines(report: dict[str, Any]) -> Iterator[str]:
    """Rates by kind, label and register, then every miss and every span hidden for nothing."""
    rate = _percent(report["without_personal_data"]["rate"])
    yield f"{report['notes']:,} notes; of those without personal data, left untouched: {rate}"
    for table, title in _TABLES:
        yield f"{title:24} {'marked':>8} {'recall':>8} {'hidden':>8} {'precision':>9}"
        for name, row in [*report[table].items(), ("all", report["all"])]:
            recall, precision = _percent(row["recall"]), _percent(row["precision"])
            yield f"{name:24} {row['marked']:>8,} {recall:>8} {row['hidden']:>8,} {precision:>9}"
    for what in ("missed", "wrong"):
        for one in report[what]:
            yield f"{what} {one['label']} ({one['kind']}, {one['id']}): {one['around']!r}"


def as_html(report: dict[str, Any]) -> str:
    rate = _percent(report["without_personal_data"]["rate"])
    tables = "".join(_table(title, {**report[table], "all": report["all"]}) for table, title in _TABLES)
    lists = "".join(_list(title, report[what]) for what, title in (("missed", "Missed"), ("wrong", "Hidden for nothing")))
    head = f'<meta charset="utf-8"><title>Redaction</title><style>{_STYLE}</style>'
    summary = f"<p>{report['notes']:,} notes. Of those without personal data, {rate} were left untouched.</p>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>Redaction</h1>{summary}{tables}{lists}</body></html>\n'


def _table(title: str, rows: dict[str, dict[str, Any]]) -> str:
    lines = "".join(
        f"<tr><td>{escape(name)}</td><td>{row['marked']:,}</td><td>{_percent(row['recall'])}</td>"
        f"<td>{row['hidden']:,}</td><td>{_percent(row['precision'])}</td></tr>"
        for name, row in rows.items()
    )
    return f"<table><tr><th>{title}</th><th>marked</th><th>recall</th><th>hidden</th><th>precision</th></tr>{lines}</table>"


def _list(title: str, cases: list[dict[str, Any]]) -> str:
    items = "".join(
        f"<li>{escape(one['label'])}, {escape(one['kind'])}, {escape(str(one['id']))}: <code>{escape(one['around'])}</code></li>"
        for one in cases
    )
    return f"<h2>{title}: {len(cases):,}</h2><ul>{items}</ul>"


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.2%}"
