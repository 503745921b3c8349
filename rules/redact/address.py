"""Lines of an address: number or house, street, and the town before the postcode."""

import polars as pl

from rules.redact.asked import Either, passing
from rules.redact.context import AFTER, BEFORE, TEXT, near
from rules.redact.lexicon import are_among, english, everyday, places
from rules.redact.patterns import LIVES, STREETS
from rules.redact.places import TOWNS

_NOT_STREETS = (
    "a|about|after|all|am|an|another|any|are|as|at|be|been|before|big|but|business|by|can|case|cases|charges|children|classes|combined|come|"
    "consecutive|could|county|court|day|days|did|different|do|doing|down|each|early|family|few|find|five|for|four|"
    "from|full|get|give|given|go|going|got|had|has|have|he|her|here|him|his|hour|hours|hrs|i|if|in|ind|industrial|into|is|it|its|just|"
    "last|late|left|magistrates|magistrate|males|man|mates|men|might|mins|minute|minutes|miles|mg|ml|month|months|more|most|"
    "much|my|next|nights|no|not|of|off|on|one|or|other|others|our|out|over|own|past|pm|people|per|points|"
    "prisoners|put|ran|retail|sat|said|same|session|sessions|she|should|since|six|so|some|supreme|take|ten|than|that|"
    "their|them|then|there|they|things|this|three|times|to|told|too|took|trading|two|under|until|up|us|use|very|walk|was|way|we|week|weeks|"
    "went|were|what|when|where|which|while|who|will|with|wks|would|year|years|yet|you|your|youth|yr|yrs|x|police|"
    "january|february|march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|"
    "witnesses|staff|officers|landing|wing|cells|tablets|packets|bottles|units|pounds|quid|grams|offences|counts|visits|calls|"
    "appeal|sheriff|district|leave|being|only|still|also|because|between|through|during|without|within|around|against|towards"
)
_WEAK = r"\b(?:house|towers?|heights|mansions|apartments|approach|mead|way|view|court|place|close|hill|park|bank|walk|row|rise|fold|gate|square|drive|st|av|str|ave|mount|chase|green|fields|cl|dr|mill|yard|brow|cottages|buildings|garth)$"
_WORKS = r"^ (?:industrial|ind|trading|retail|business|enterprise|science) (?:estate|est|park|centre|units?)\b"
"""Behind the name of a street: where people work."""
_LEAD = rf"^(?:[a-z]+ ){{0,3}}?{LIVES}(?:,? (?:at|to|of|is|in|as|given|live|sleep|reside|and|now)\b)*[ :-]{{1,3}}"
_WHERE = (
    "address|lives?|living|lived|resides?|residing|residence|moved?|moving|home|house|flat|released? to|stays?|staying|of|at|bail(?:ed)? to|"
    "curfew|visit(?:ed)?|property|tenancy|accommodation|located|approved|deliver(?:ed)? to|sent to|parked|outside|from|near"
)
_BAD_BEFORE = r"(?:[0-9][:/.]|£|\$|#|\b(?:section|rule|part|page|cell|wing|count|age|aged|s|day|week|dated|since|until|in) ?)$"
_TOWN_THEN_CODE = (
    r"^([, \n]+(?:[a-z][a-z'-]+[, \n.]+){1,5})[a-z]{1,2}(?:[0-9][a-z0-9]?[- ]?[0-9oil]|[oil][a-z0-9]?[- ]?[0-9])[a-z]{2}\b"
)
_TOWN = rf"^((?:,[ \n]*|\n|[ \n]*,[ \n]*)(?:[a-z][a-z'-]+[, \n]+){{0,2}}?(?:{'|'.join(TOWNS)}))\b"
_ONE_WORD = r"^([, \n]*[,\n] ?)([a-z-]{3,})(?:[,.;:)\n]|$| (?:[^a-z]|where|with|and|on|to|tel|since|from|but|as)\b)"


_IS_PLACED = BEFORE.str.contains(rf"\b(?:{_WHERE})\b[ :,-]*(?:is |to |at |of |in )?$") | AFTER.str.contains(_TOWN_THEN_CODE)
_IS_BAD = BEFORE.str.contains(_BAD_BEFORE)
_WORDS = TEXT.str.replace_all(r"[^a-z' ]", " ").str.strip_chars().str.replace_all(r" +", " ")
_COUNT = pl.col("words").str.count_matches(r"\b[a-z']{3,}")
_INNER = (
    pl.col("words")
    .str.replace(rf" ?\b(?:{STREETS})$", "")
    .str.replace(r"^(?:(?:flat|fflat|apartment|apt|unit|room|plot|[a-z]) )*(?:the )?", "")
)
_IS_NAMED = (
    pl.col("inner").str.contains("[a-z]{3}"),
    ~pl.col("inner").str.contains(rf"\b(?:{_NOT_STREETS})\b"),
    ~pl.col("words").str.contains(r"\b(?:(?:high|crown) court|car park)$"),
    ~AFTER.str.contains(_WORKS),
)
_IS_LINE = Either(
    pl.col("is_titled"),
    (pl.col("capitals").eq(0) | pl.col("is_loud")) & ~TEXT.str.contains(_WEAK),
    _IS_PLACED,
    near("address|postcode"),
)
_DOOR = r"(?:ground|first|second|third|top|upper|lower|garden|basement)(?: floor)? flat|(?:flat|apartment|apt|unit|room|block|caravan|studio|bedsit)[ \n](?:[a-z]|[a-z]?[0-9]{1,3}[a-z]?)(?:/[0-9]{1,2})?|[0-9]{1,2}f[0-9]"
_BEHIND_DOOR = r"(?:,?[ \n]{1,2}|[ ,\n]{1,3}(?:[a-z][a-z']+[ -]){0,2}[a-z][a-z']+[,\n] ?| the [a-z]+ )"
_DOORS = BEFORE.str.extract(rf"\b((?:(?:{_DOOR}){_BEHIND_DOOR})+|no[.]? ?)$").str.len_chars().fill_null(0).cast(pl.Int64)
_TO_CODE = AFTER.str.extract(_TOWN_THEN_CODE).str.strip_chars_end(", \n.")
_TO_CODE = pl.when(~_TO_CODE.str.contains(rf"\b(?:{_NOT_STREETS})\b")).then(_TO_CODE)


def addresses(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines whose words can be a street's name, as it is written here; the flat before them and the town behind belong to them."""
    rows = rows.filter(~_IS_BAD).with_columns(words=_WORDS)
    rows = rows.with_columns(inner=_INNER, is_titled=~pl.col("is_loud") & (pl.col("capitals") >= _COUNT.cast(pl.Int64)))
    rows = passing(rows, *_IS_NAMED, _IS_LINE, Either(pl.col("is_titled"), ~BEFORE.str.contains(" (?:no|number) $")))
    return with_town(rows.with_columns(start=pl.col("start") - _DOORS))


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
    return with_town(
        rows.filter(
            ~TEXT.str.contains(rf"\b(?:{_NOT_STREETS})\b(?:[ -]|$)") & TEXT.str.contains("[ ,]") & ~AFTER.str.contains(_WORKS)
        )
    )


def called(rows: pl.DataFrame) -> pl.DataFrame:
    """`lives at Ardbeg, Shore Road`: a house's name before a street's, written as names are, behind a word for living."""
    rows = _behind_lead(rows)
    count = TEXT.str.count_matches(r"\b[a-z']{3,}").cast(pl.Int64)
    is_titled = pl.col("capitals").cast(pl.Int64) >= count
    is_plain = (pl.col("capitals") == 0) & TEXT.str.contains(r"(?:road|rd|street|lane|avenue|terrace|drive)$")
    named = rows.select(TEXT.str.extract("^(?:the )?([^,]*),")).to_series()
    house, street = pl.lit(named), TEXT.str.extract(rf", ?\n?(.*)[ -](?:{STREETS})$").fill_null("")
    barred = (
        house.is_in(TOWNS)
        | pl.lit(are_among(named, everyday()))
        | house.str.contains(rf"\b(?:{_NOT_STREETS}|the|mum|dad|church|hostel|homeless)\b")
    )
    barred |= street.str.contains(rf"\b(?:{_NOT_STREETS}|the|mum|dad)\b") & ~street.str.contains("^(?:court|long|three|five)$")
    return with_town(rows.filter((is_titled | is_plain | pl.col("is_loud")) & ~barred & ~AFTER.str.contains(_WORKS)))


def lone(rows: pl.DataFrame) -> pl.DataFrame:
    """`lives at 45 Brynhyfryd`: behind a word for living a number and a name that is no other word."""
    rows = _behind_lead(rows)
    name = TEXT.str.extract(r"^[0-9]{1,3}[a-z]?,? ([a-z']+)")
    size = TEXT.str.extract(r"^([0-9]{1,3}[a-z]?,? [a-z']+)").str.len_chars().cast(pl.Int64)
    rows = rows.with_columns(name=name, end=pl.col("start") + size).filter((pl.col("capitals") > 0) | (pl.col("small") > 0))
    is_count = pl.col("name").str.ends_with("s") & ~TEXT.str.contains("^1[a-z]?[, ]")
    is_word = pl.lit(are_among(rows["name"], english()))
    rows = rows.filter(~is_word & ~is_count & ~pl.col("name").str.contains(rf"^(?:{_NOT_STREETS})$"))
    cut = pl.col("end") - pl.col("start")
    after = TEXT.str.slice(cut) + AFTER
    return with_town(rows.with_columns(after=after, text=TEXT.str.slice(0, cut)).drop("name"))


def _behind_lead(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the words that tell of living."""
    lead = TEXT.str.extract(rf"({_LEAD})").str.len_chars().fill_null(0)
    return rows.with_columns(text=TEXT.str.slice(lead), start=pl.col("start") + lead.cast(pl.Int64))


_CODED = r"\b((?:(?:flat|apartment|apt|unit|room|no)\.? ?)?[0-9]{1,4}[a-z]?(?:[-/][0-9]{1,3})?,? (?:[a-z][a-z'.-]+(?: ?\([a-z0-9 /]{1,14}\))?[, \n]{1,3}){1,6})$"
_CODED_NAME = (
    rf"((?:[a-z'-]+ ){{0,3}}[a-z'-]+, ?\n?(?:[a-z'-]+[ -]){{1,3}}(?:{STREETS})[, \n]{{1,3}}(?:[a-z'-]+[, \n]{{1,3}}){{0,4}})$"
)
_CODED_HOME = (
    r"\b(?:lives?|living|resid(?:es?|ing)|stay(?:s|ing)|address|addr|home)(?: (?:at|is|of))?[ :]{1,3}"
    r"([a-z'-]{3,}(?: [a-z'-]+){0,2},[ \n]{1,2}(?:[a-z'-]{3,}[, \n]{1,3}){1,3})$"
)
_TO_NAME = (
    rf"^.*\b(?:{_NOT_STREETS}|lives|address|addr|home|resides|subject|male|female|current|previous|called|the occupant)\b[ :,-]*"
)


def before_codes(codes: pl.DataFrame, ends: pl.Series) -> pl.DataFrame:
    """What stands directly before postcodes and is a line of an address by that alone: `88 Kirkgate, Arbroath`; `Ardbeg, Shore Road`.

    Not where an address ends there, which are the `ends`.
    """
    codes = codes.filter(~(pl.col("start") - 1).is_in(ends.implode()) & ~(pl.col("start") - 2).is_in(ends.implode()))
    if not len(codes):
        return codes
    numbered, named = BEFORE.str.extract(_CODED, 1), BEFORE.str.extract(_CODED_NAME, 1).str.replace(_TO_NAME, "")
    numbered = pl.when(~numbered.str.contains(rf"[ ,](?:{_NOT_STREETS})\b")).then(numbered)
    named = pl.when(named.str.contains(rf", ?\n?(?:[a-z'-]+[ -]){{1,3}}(?:{STREETS})\b")).then(named)
    home = BEFORE.str.extract(_CODED_HOME, 1)
    home = pl.when(~home.str.contains(rf"\b(?:{_NOT_STREETS})\b")).then(home)
    found = codes.with_columns(text=pl.coalesce(numbered, named, home)).drop_nulls("text")
    size = TEXT.str.len_chars().cast(pl.Int64)
    ahead = BEFORE.str.slice(0, BEFORE.str.len_chars() - TEXT.str.len_chars())
    found = found.filter(~ahead.str.contains(_BAD_BEFORE))
    end = pl.col("start") - (size - TEXT.str.strip_chars_end(", \n").str.len_chars().cast(pl.Int64))
    return found.with_columns(start=pl.col("start") - size, end=end)


def the_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """`5 The Green`."""
    is_titled = (pl.col("capitals") > 1) & ~pl.col("is_loud")
    return with_town(passing(rows, ~_IS_BAD, Either(is_titled, _IS_PLACED)))
