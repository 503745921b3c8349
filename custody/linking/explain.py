"""Why two records are linked, or not: the weight as a waterfall, as text and as a picture (SVG)."""

from dataclasses import dataclass
from html import escape

import numpy as np

from custody.linking.labels import rows_of
from custody.linking.tables import Records
from rules.match.model import Model
from rules.match.prepared import Prepared, with_shares
from rules.match.score import reasons
from schemas.errors import Refused

WIDTH, ROW, LABEL = 760, 26, 250


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a weight: what it is about, the level that was reached, and the bits it gives."""

    name: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All parts of the weight of a pair, from the prior to the total; no value of a record is in it."""

    steps: tuple[Step, ...]
    total: float
    join: float
    review: float

    @property
    def verdict(self) -> str:
        if self.total >= self.join:
            return "linked"
        return "for review" if self.total >= self.review else "not linked"

    def told(self) -> dict[str, object]:
        return {
            "verdict": self.verdict, "weight": round(self.total, 3), "probability": round(1 / (1 + 2**-self.total), 6),
            "join": self.join, "review": self.review,
            "steps": [{"name": step.name, "level": step.level, "bits": round(step.bits, 3)} for step in self.steps],
        }  # fmt: skip


def explain(model: Model, records: Records, first: str, second: str) -> Waterfall:
    """The waterfall of two records, named by their ids; of two files the second id is looked for in the second file first.

    Raises:
        Refused: no record has such an id.
    """
    import polars as pl  # noqa: PLC0415 - two ids

    rows = [int(rows_of(pl.Series([one]), records, second=place == 1)[0]) for place, one in enumerate((first, second))]
    if min(rows) < 0:
        raise Refused(f"no record has the {'first' if rows[0] < 0 else 'second'} id")
    sides = [_side(records, model, row) for row in rows]
    one, two = (np.array([row], np.int64) for _, row in sides)
    why = reasons(model, sides[0][0], sides[1][0], one, two)
    steps = [Step("prior", "any two records", model.prior_weight)]
    for place, comparison in enumerate(model.comparisons):
        level = int(why.levels[0, place])
        name = comparison.levels[level - 1].name if level else "not known"
        steps.append(Step(comparison.field, name, float(why.parts[0, place])))
    steps += [Step("moved", "people move: places are one event", float(why.moved[0])),
              Step("family", "a family would agree as much", float(why.family[0]))]  # fmt: skip
    return Waterfall(tuple(steps), float(why.total[0]), model.join, model.review)


def _side(records: Records, model: Model, row: int) -> tuple[Prepared, int]:
    if row < len(records.left) or records.right is None:
        return with_shares(records.left, model.terms), row
    return with_shares(records.right, model.terms), row - len(records.left)


def as_text(waterfall: Waterfall) -> list[str]:
    """A line a step, and how far one has come."""
    lines, reached = [], 0.0
    for step in waterfall.steps:
        reached += step.bits
        bar = ("+" if step.bits >= 0 else "-") * min(round(abs(step.bits)), 40)
        lines.append(f"{step.name:20} {step.level:34} {step.bits:+8.2f} {reached:+8.2f}  {bar}")
    odds = f"threshold {waterfall.join:+.2f}, review from {waterfall.review:+.2f}"
    return [*lines, f"{'total':20} {waterfall.verdict:34} {waterfall.total:+8.2f}           {odds}"]


def as_svg(waterfall: Waterfall) -> str:
    """The same as a picture: bars from where one was to where one is, with a line at the threshold."""
    edges = np.concatenate([[0.0], np.cumsum([step.bits for step in waterfall.steps])])
    low, high = min(edges.min(), waterfall.review) - 2, max(edges.max(), waterfall.join) + 2
    scale = (WIDTH - LABEL - 90) / (high - low)

    def at(value: float) -> float:
        return float(LABEL + (value - low) * scale)

    rows = [(step.name, step.level, start, end, step.bits)
            for step, start, end in zip(waterfall.steps, edges, edges[1:], strict=False)]  # fmt: skip
    rows.append(("total", waterfall.verdict, 0.0, waterfall.total, waterfall.total))
    height = ROW * (len(rows) + 2)
    font = 'font-family="sans-serif" font-size="12"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" {font}>',
             '<rect width="100%" height="100%" fill="white"/>']  # fmt: skip
    for place, (name, level, start, end, bits) in enumerate(rows):
        top = ROW * (place + 1)
        colour = "#555" if name == "total" else "#2a7" if bits >= 0 else "#c44"
        left, width = at(min(start, end)), max(abs(end - start) * scale, 1.0)
        parts += [f'<text x="6" y="{top + 16}">{escape(name)}: {escape(level)}</text>',
                  f'<rect x="{left:.1f}" y="{top + 4}" width="{width:.1f}" height="{ROW - 8}" fill="{colour}"/>',
                  f'<text x="{WIDTH - 60}" y="{top + 16}">{bits:+.2f}</text>']  # fmt: skip
    for value, name in ((waterfall.join, "join"), (waterfall.review, "review")):
        x = f"{at(value):.1f}"
        parts += [f'<line x1="{x}" x2="{x}" y1="{ROW - 6}" y2="{height - 8}" stroke="#06c" stroke-dasharray="4 3"/>',
                  f'<text x="{x}" y="14" fill="#06c">{name}</text>']  # fmt: skip
    return "\n".join([*parts, "</svg>"]) + "\n"
