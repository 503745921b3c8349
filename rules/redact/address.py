"""Lines of an address: number or house, street, and the town before the postcode."""

import polars as pl

from rules.redact.asked import Either, passing
from rules.redact.context import AFTER, BEFORE, TEXT, near
from rules.redact.lexicon import places
from rules.redact.patterns import STREETS
from rules.redact.places import TOWNS

_NOT_STREETS = (
    "a|about|after|all|am|an|another|any|are|as|at|back|be|been|before|big|but|by|can|case|cases|charges|children|classes|combined|come|"
    "consecutive|could|county|court|crown|day|days|did|different|do|doing|down|each|early|family|few|find|five|for|four|"
    "from|full|get|give|given|go|going|got|had|has|have|he|her|here|him|his|hour|hours|hrs|i|if|in|into|is|it|its|just|"
    "last|late|left|magistrates|magistrate|males|man|mates|men|might|mins|minute|minutes|miles|mg|ml|month|months|more|most|"
    "much|my|next|nights|no|not|of|off|on|one|or|other|others|our|out|over|own|past|pm|people|per|points|"
    "prisoners|put|ran|sat|said|same|session|sessions|she|should|since|six|so|some|supreme|take|ten|than|that|"
    "their|them|then|there|they|things|this|three|times|to|told|too|took|two|under|until|up|us|use|very|walk|was|way|we|week|weeks|"
    "went|were|what|when|where|which|while|who|will|with|wks|would|year|years|yet|you|your|youth|yr|yrs|x|police|"
    "january|february|march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|"
    "witnesses|staff|officers|landing|wing|cells|tablets|packets|bottles|units|pounds|quid|grams|offences|counts|visits|calls|"
    "appeal|sheriff|district|leave|being|only|still|also|because|between|through|during|without|within|around|against|towards"
)
_WEAK = r"\b(?:house|towers?|heights|mansions|apartments|approach|mead|way|view|court|place|close|hill|park|bank|walk|row|rise|fold|gate|square|drive|st|av|str|ave|mount|chase|green|fields|cl|dr|mill)$"
_WHERE = (
    "address|lives?|living|lived|resides?|residing|residence|moved?|moving|home|house|flat|released? to|stays?|staying|of|at|bail(?:ed)? to|"
    "curfew|visit(?:ed)?|property|tenancy|accommodation|located|approved|deliver(?:ed)? to|sent to|parked|outside|from|near"
)
_BAD_BEFORE = (
    r"(?:[0-9][:/.]|£|\$|#|\b(?:section|rule|part|page|cell|wing|count|age|aged|s|day|week|no|number|dated|since|until|in) ?)$"
)
_TOWN_THEN_CODE = r"^([, \n]+(?:[a-z][a-z'-]+[, \n.]+){1,5})[a-z]{1,2}[0-9oil][a-z0-9]?[- ]?[0-9oil][a-z]{2}\b"
_TOWN = rf"^((?:,[ \n]*|\n|[ \n]*,[ \n]*)(?:[a-z][a-z'-]+[, \n]+){{0,2}}?(?:{'|'.join(TOWNS)}))\b"
_ONE_WORD = r"^([, \n]*[,\n] ?)([a-z-]{3,})(?:[,.;:)\n]|$| (?:[^a-z]|where|with|and|on|to|tel|since|from|but|as)\b)"


_IS_PLACED = BEFORE.str.contains(rf"\b(?:{_WHERE})\b[ :,-]*(?:is |to |at |of |in )?$") | AFTER.str.contains(_TOWN_THEN_CODE)
_IS_BAD = BEFORE.str.contains(_BAD_BEFORE)
_WORDS = TEXT.str.replace_all(r"[^a-z' ]", " ").str.strip_chars().str.replace_all(r" +", " ")
_COUNT = pl.col("words").str.count_matches(r"\b[a-z']{3,}")
_INNER = (
    pl.col("words")
    .str.replace(rf" ?\b(?:{STREETS})$", "")
    .str.replace(r"^(?:flat|apartment|apt|unit|room|plot|[a-z])? (?:the )?", "")
)
_IS_NAMED = (
    pl.col("inner").str.contains("[a-z]{3}"),
    ~pl.col("inner").str.contains(rf"\b(?:{_NOT_STREETS})\b"),
    ~pl.col("words").str.contains(r"\bhigh court$"),
)
_IS_LINE = Either(
    pl.col("is_titled"),
    (pl.col("capitals").eq(0) | pl.col("is_loud")) & ~TEXT.str.contains(_WEAK),
    _IS_PLACED,
    near("address|postcode"),
)
_TO_CODE = AFTER.str.extract(_TOWN_THEN_CODE).str.strip_chars_end(", \n.")
_TO_CODE = pl.when(~_TO_CODE.str.contains(rf"\b(?:{_NOT_STREETS})\b")).then(_TO_CODE)


def addresses(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines whose words can be a street's name, as it is written here; a town that belongs to them is taken in."""
    rows = rows.filter(~_IS_BAD).with_columns(words=_WORDS)
    rows = rows.with_columns(inner=_INNER, is_titled=~pl.col("is_loud") & (pl.col("capitals") >= _COUNT.cast(pl.Int64)))
    return with_town(passing(rows, *_IS_NAMED, _IS_LINE))


def with_town(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines and what follows them up to the postcode; without one, a town after a comma or on the next line."""
    reach = rows.select(_TO_CODE).to_series()
    left = reach.is_null().arg_true()
    reach = reach.scatter(left, _town(rows["after"].gather(left))).fill_null("")
    return rows.with_columns(end=pl.col("end") + reach.str.len_chars().cast(pl.Int64))


def _town(after: pl.Series) -> pl.Series:
    """What of it is a town, behind a comma or a line's end."""
    found = after.str.extract(_TOWN)
    if not found.null_count():
        return found
    asked = (found.is_null() & after.str.contains(r"^[ \n]*[,\n]")).arg_true()
    left = after.gather(asked)
    lead, word = left.str.extract(_ONE_WORD, 1), left.str.extract(_ONE_WORD, 2)
    towns = [one if one in places() else None for one in word]
    return found.scatter(asked, lead + pl.Series(towns, dtype=pl.String))


def named_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines that begin with a house's or a flat's name: their shape is enough, but for words that no name holds."""
    lead = TEXT.str.extract(rf"^((?:(?:{_NOT_STREETS}|lives|living|address|called)[ -])*)")
    text = TEXT.str.slice(lead.str.len_chars())
    rows = rows.with_columns(text=text, start=pl.col("start") + lead.str.len_chars().cast(pl.Int64))
    return with_town(rows.filter(~TEXT.str.contains(rf"\b(?:{_NOT_STREETS})\b(?:[ -]|$)") & TEXT.str.contains("[ ,]")))


def the_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """`5 The Green`."""
    is_titled = (pl.col("capitals") > 1) & ~pl.col("is_loud")
    return with_town(passing(rows, ~_IS_BAD, Either(is_titled, _IS_PLACED)))
