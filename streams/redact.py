"""Redact: the free text of changes that history has, as their next revision. Pure.

A worker withholds such a text, since it does not know the people. Here it comes again from raw/, in clear, beside what is
known of its subject's person.
"""

from dataclasses import replace

import polars as pl

from rules import protect
from rules.redact import UNKNOWN_PEOPLE, Redacted, redact
from schemas.change import RECORD, withheld
from schemas.dataset import Dataset
from schemas.links import record_key
from streams.dictionary import row_columns

CLEAR = "\0"
_VERSIONS = r'"(?:rules|dictionary)":"[^"]*",'


def in_clear(dataset: Dataset) -> Dataset:
    """The dataset with its free text as it is cleaned: for a process that redacts it, and for no topic or table."""
    columns = [replace(c, protect=protect.keep) if c.name in dataset.redacted else c for c in dataset.columns]
    return replace(dataset, columns=tuple(columns))


def notes_of_withholding(dataset: Dataset) -> list[str]:
    """The notes that say that a text is withheld, under the names that the columns have and had."""
    return [withheld(name) for column in dataset.redacted for name in (column, dataset.renamed.get(column, column))]


def redacted_texts(texts: pl.Series, known: pl.DataFrame) -> Redacted:
    """Texts without the people in them.

    Args:
        known: as many rows, with the columns of `rules.redact.ROW` that are known of each text's subject.
    """
    return redact(texts, known.select(row_columns()), layers=UNKNOWN_PEOPLE)


def said_of(redacted: Redacted) -> pl.Series:
    """Of each text the spans that were hidden, as JSON; of one that has none, an empty list."""
    said = pl.struct(kind="label", layer="layer", rule="rule", start="start", end="end").struct.json_encode()
    by_note = redacted.spans.group_by("note", maintain_order=True).agg(spans=said.str.join(","))
    notes = pl.DataFrame({"note": pl.int_range(len(redacted.texts), dtype=pl.UInt32, eager=True)})
    listed = notes.join(by_note, on="note", how="left", maintain_order="left")
    return listed.select(pl.concat_str(pl.lit("["), pl.col("spans").fill_null(""), pl.lit("]"))).to_series()


def revisions(had: pl.DataFrame, told: pl.DataFrame, known: pl.DataFrame, dataset: Dataset, rules: str) -> pl.DataFrame:
    """The next revision of each change whose text comes out otherwise than history has it.

    Args:
        had: newest revisions, columns of history/.
        told: the same changes, made again from raw/ under `in_clear`; others are left out.
        known: `record`, `dictionary` and the columns of `ROW`, of the records that are known. A change about others is left out.
        rules: the version of the rules.
    """
    names = list(dataset.redacted)
    clear = told.select(*RECORD, pl.col("_unknown").alias(CLEAR), *(pl.col(name).alias(CLEAR + name) for name in names))
    both = had.join(clear, on=RECORD, how="inner", maintain_order="left").with_columns(record=record_key(dataset))
    both = both.join(known, on="record", how="inner", maintain_order="left", suffix="\1")
    about = both.select(record_columns(both, known))
    done = {name: redacted_texts(both[CLEAR + name], about) for name in names}
    texts = [redacted.texts.alias(name) for name, redacted in done.items()]
    spans = pl.DataFrame([_said(name, redacted).alias(name) for name, redacted in done.items()])
    there, here = pl.col("_unknown"), pl.col(CLEAR).list.set_intersection(names)
    after = both.with_columns(
        *texts,
        _redactions=_recorded(spans, both["dictionary"], rules),
        _unknown=there.list.set_difference(names).list.set_union(here).list.sort(),
        _notes=pl.col("_notes").list.eval(pl.element().filter(~pl.element().is_in(notes_of_withholding(dataset)))),
        _revision=pl.col("_revision") + 1,
    )
    differs = [both[name].ne_missing(after[name]) for name in (*names, "_notes")]
    differs.append(both["_unknown"].list.sort().ne_missing(after["_unknown"]))
    differs.append(_spans(both["_redactions"]).ne_missing(_spans(after["_redactions"])))
    return after.filter(pl.any_horizontal(differs)).select(had.columns)


def redacted_rows(rows: pl.DataFrame, known: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows with their free text, made under `in_clear`, as it is published: null where the subject is not known.

    Args:
        known: as for `revisions`.
    """
    both = rows.with_columns(record=record_key(dataset)).join(known, on="record", how="left", maintain_order="left", suffix="\1")
    about = both.select(record_columns(both, known))
    is_known = about["dictionary"].is_not_null()
    texts = {name: redacted_texts(rows[name], about).texts for name in dataset.redacted}
    return rows.with_columns(pl.select(pl.when(is_known).then(text).alias(name)).to_series() for name, text in texts.items())


def record_columns(both: pl.DataFrame, known: pl.DataFrame) -> list[pl.Expr]:
    """The columns of what is known, where some have the name of a column of the dataset."""
    return [
        pl.col(name + "\1" if name + "\1" in both.columns else name).alias(name) for name in known.columns if name != "record"
    ]


def _said(name: str, redacted: Redacted) -> pl.Series:
    """What is recorded of one column, null where it has no text."""
    text = pl.concat_str(pl.lit(f'"{name}":'), said_of(redacted))
    return pl.select(pl.when(redacted.texts.is_not_null()).then(text)).to_series()


def _recorded(spans: pl.DataFrame, dictionary: pl.Series, rules: str) -> pl.Series:
    """`_redactions`: `{"rules": …, "dictionary": …, "spans": {column: [{"kind", "layer", "rule", "start", "end"}, …]}}`."""
    each = pl.concat_str(pl.all(), separator=",", ignore_nulls=True)
    has_text = pl.any_horizontal(pl.all().is_not_null())
    head = pl.concat_str(pl.lit(f'{{"rules":"{rules}","dictionary":"'), dictionary, pl.lit('","spans":{'))
    return spans.select(pl.when(has_text).then(pl.concat_str(head, each, pl.lit("}}")))).to_series()


def _spans(recorded: pl.Series) -> pl.Series:
    """What was hidden, whatever it was that decided."""
    return recorded.str.replace_all(_VERSIONS, "")
