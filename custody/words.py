"""The words of the notation that need no module in front: protections, cleanings and checks whose names are unmistakable."""

from rules.check import between, email, matches, nhs_number, nino, noms_number, not_after, one_of, required
from rules.clean import digits, lower, squeeze, trim, upper, without
from rules.protect import keep, outcode_only, redact, token, withhold, year_only

__all__ = [
    "between",
    "digits",
    "email",
    "keep",
    "lower",
    "matches",
    "nhs_number",
    "nino",
    "noms_number",
    "not_after",
    "one_of",
    "outcode_only",
    "redact",
    "required",
    "squeeze",
    "token",
    "trim",
    "upper",
    "withhold",
    "without",
    "year_only",
]  # fmt: skip
