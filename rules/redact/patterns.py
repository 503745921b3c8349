"""Shapes of what identifies: candidates only, `verify` decides. Written for folded text (lower case, one byte a character).

`D` is a digit as it may be misread (O for 0, I and l for 1), `S` what may stand between parts of a number: blank, hyphen, dot or
a line's end. Every pattern is bounded and runs in an automaton (Hyperscan), so that time is linear in the text whatever it holds.
"""

import re

D = "[0-9oil]"
S = "[-. \\n]{0,2}"
GAP = "[ \\n]{0,2}"

STREETS = (
    "street|str|road|rd|avenue|ave|av|lane|ln|close|drive|dr|crescent|cres|gardens|gdns|grove|terrace|terr|way|walk|mews|rise|hill|"
    "square|row|parade|place|court|park|view|green|croft|fold|gate|drove|quay|wharf|vale|villas|circus|embankment|chase|mount|"
    "esplanade|promenade|bank|meadow|meadows|mead|fields|broadway|highway|boulevard|approach|causeway|rd|heol|stryd|ffordd|lon|brow|wynd|brae|garth|rigg|vennel|parkway|yard|shambles|st"
)
HOUSES = "house|court|tower|towers|point|heights|lodge|buildings?|mansions|cottages?|farm|hall|villa|barn|bungalow|apartments|flats|quarter"
MONTHS = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_WORD = "[a-z][a-z']+"
_HOST = "(?:[a-z0-9-]+\\.)+[a-z]{2,12}"
_LOCAL = "[a-z0-9][a-z0-9._%+'-]*"
_FILL = "[a-z :;#=.(,/-]{0,24}"
_SOCIAL = "(?:facebook|fb|instagram|twitter|x|tiktok|linkedin|snapchat|youtube|onlyfans|reddit|telegram|threads)\\.com|t\\.me|wa\\.me|youtu\\.be"
_HOUSE = "cottage|farm|house|lodge|villa|barn|bungalow|hall|mill|rectory|vicarage|forge|smithy|granary|stables|grange|manor"
_BLOCKS = "house|towers?|heights|mansions|apartments|cottages|almshouses|buildings|maisonettes"
LIVES = (
    "(?:lives?|lived|living|resid(?:es?|ed|ing|ent)|stay(?:s|ing)?|address|addr|home|curfew(?:ed)?|bail(?:ed)?|released|moved|search(?:ed)?|executed|"
    "fitted|visited|tenancy|property|house|checked|found|arrested|deft|defendant|accused|been|dropped off|return(?:ed)?)"
)
_AT = "(?:,? (?:at|to|of|is|in|as|given|live|sleep|reside|and|now)){0,4}[ :-]{1,3}"
_NAMED = f"(?:{_WORD} ){{0,2}}{_WORD},"
_DOOR = "(?:[a-z]|[a-z]?[0-9]{1,3}[a-z]?)"
_UNIT = "(?:flat|apartment|apt|unit|room|plot|fflat)"

PATTERNS: dict[str, str] = {
    "nhs": f"\\b{D}{{3}}{S}{D}{{3}}{S}{D}{{4}}\\b",
    "noms": f"\\b[a-z]{S}{D}{{4}}{S}[a-z]{{2}}\\b",
    "crn": f"\\b[a-z]{D}{{6}}\\b",
    "pnc": f"\\b(?:[12l][09o]{D}{{2}}|{D}{{2}}){GAP}[-/ ]?{GAP}{D}{{1,7}}{GAP}[a-z]\\b",
    "cro": f"\\b{D}{{1,6}}{GAP}[-/]{GAP}{D}{{2}}{GAP}[a-z]\\b",
    "cro_file": f"\\bsf{GAP}{D}{{2}}{GAP}[-/]?{GAP}{D}{{1,6}}{GAP}[a-z]\\b",
    "nino": f"\\b[a-z]{{2}}{S}{D}{{2}}{S}{D}{{2}}{S}{D}{{2}}{S}[a-d]\\b",
    "nino_short": f"\\b[a-z]{{2}}{S}{D}{{2}}{S}{D}{{2}}{S}{D}{{2}}\\b",
    "licence": f"\\b[a-z9]{{5}}{S}{D}{{6}}{S}[a-z9]{{2}}[a-z0-9]{S}[a-z]{{2}}\\b",
    "vehicle": f"\\b[a-z]{{2}}(?:[0-9]{D}|[oil][0-9]){S}[a-z]{{3}}\\b",
    "vehicle_old": (
        "\\b(?:[a-z][- ]?[0-9]{1,3}[- ]?[a-z]{3}|[a-z]{3}[- ]?[0-9]{1,3}[- ]?[a-z])\\b"
    ),
    "vehicle_said": (
        "\\b(?:reg|registration|vrm|index|number ?plate|plate|vehicle)\\b[a-z :;#=.(,-]{0,16}"
        "\\b(?:[a-z]{1,3}[- ]?[0-9]{1,4}|[0-9]{1,4}[- ]?[a-z]{1,3}|[a-z]{2}[0-9oil]{2}[- ]?[a-z]{3})\\b"
    ),
    "vehicle_of": (
        "\\b(?:vehicles?|cars?|vans?|drives|driving|drove|motor ?bike|motorcycle|moped|scooter|lorry|truck|taxi|minibus|motor|parked|transit|rover|bmw|audi|ford|"
        "vauxhall|golf|fiesta|corsa|astra|vectra|mercedes|focus|polo|peugeot|renault|nissan|toyota|honda|skoda|seat|anpr|index|plate|keeper)\\b"
        "[a-z :;#=.(,-]{0,24}\\b(?:[a-z]{3}[- ]?[0-9]{1,4}|[0-9]{1,4}[- ]?[a-z]{3})\\b"
    ),
    "vehicle_ni": "\\b(?:[a-z]{2}[iz]|[a-z][iz][a-z])[- ]?[0-9]{1,4}\\b",
    "vehicle_plate": "\\b(?:[a-z]{1,3}[- ]?[0-9]{1,4}|[0-9]{1,4}[- ]?[a-z]{1,3}),? (?:[a-z]{1,12} ){0,3}plates?\\b",
    "card": f"\\b{D}{{4}}{S}{D}{{4}}{S}{D}{{4}}{S}{D}{{1,4}}(?:{S}{D}{{1,3}})?\\b|\\b3{D}{{3}}{S}{D}{{6}}{S}{D}{{4,5}}\\b",
    "iban": f"\\b[a-z]{{2}}{D}{{2}}{S}(?:[a-z0-9]{{4}}{S}){{2,7}}[a-z0-9]{{1,4}}\\b",
    "sort_code": f"\\b{D}{{2}}[- .]?{D}{{2}}[- .]?{D}{{2}}\\b",
    "account": f"\\b{D}{{4}}[- ]?{D}{{4}}\\b",
    "utr": f"\\b(?:utr|tax ref|tax reference|taxpayer ref|unique taxpayer|self assessment){_FILL}\\b{D}{{5}}[- ]?{D}{{5}}k?\\b",
    "passport": f"\\b(?:passport|ppt|travel doc){_FILL}[a-z]{{0,2}}{D}{{6,9}}\\b",
    "phone": "(?:\\+|\\b00)[- ]?[0-9oil(](?:[-. ()\\n]{0,3}[0-9oil]){7,14}\\b|\\(?\\b[0o](?:[-. ()\\n]{0,3}[0-9oil]){9,10}\\b",
    "phone_said": (
        "\\b(?:tel|telephone|phone|mobile|mob|ring|call|text|cell|whatsapp|landline|contact(?: number| no)?|number|no|fax)\\b"
        f"[a-z :;#=.,-]{{0,12}}\\b{D}(?:[-. ]?{D}){{5,10}}\\b"
    ),
    "email": f"\\b{_LOCAL} ?\\n? ?@ ?\\n? ?{_HOST}\\b",
    "email_said": f"\\b{_LOCAL} ?[(\\[]? ?at ?[)\\]]? ?[a-z0-9-]{{2,30}} ?[(\\[]? ?dot ?[)\\]]? ?(?:com|net|org|co dot uk|co\\.uk|uk|ie|info)\\b",
    "url": "\\b(?:https?://|www\\.)[a-z0-9][^\\s<>\"')\\]|\\x00\\x80-\\xff]+",
    "social": f"\\b(?:{_SOCIAL})/[a-z0-9@._/?=&%-]{{2,80}}",
    "handle": "@[a-z0-9_][a-z0-9_.]{1,29}\\b",
    "handle_said": (
        "\\b(?:snapchat|snap|instagram|insta|ig|tiktok|twitter|facebook|fb|kik|telegram|discord|xbox|psn|gamertag|skype|user ?name|handle|"
        "profile|screen name|account name)\\b"
    ),
    "ip": "\\b[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\b",
    "ip6": "\\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\\b|\\b(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}\\b",
    "postcode": (
        f"\\b[a-z]{{1,2}}[0-9][a-z0-9]?[- \\n]{{0,2}}{D}[a-z]{{2}}\\b|"
        f"\\b[a-z]{{1,2}}(?:{D}[a-z0-9]?|[oil][0-9])[- \\n]{{0,2}}[0-9][a-z]{{2}}\\b"
    ),
    "date": (
        "\\b[0-9oil]{1,2}(?: ?[-/.] ?| )[0-9oil]{1,2}(?: ?[-/.] ?| )(?:[0-9]{2}|[0-9]{4})\\b|"
        "\\b[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\\b|\\b[0-9]{8}\\b|\\b[0-9]{6}\\b|"
        f"\\b[0-9]{{1,2}}(?:st|nd|rd|th)?[- .,]?(?: ?of )?(?:{MONTHS})[-., ]{{0,2}}'?(?:[0-9]{{2}}|[0-9]{{4}})\\b|"
        f"\\b(?:{MONTHS})[ .][0-9]{{1,2}}(?:st|nd|rd|th)?,? ?(?:[0-9]{{4}})\\b"
    ),
    "date_beside": (
        "\\b[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19[3-9][0-9]|20(?:0[0-9]|10)|[3-9][0-9]|0[0-9]|10)\\b|"
        f"\\b[0-9]{{1,2}}(?:st|nd|rd|th)?[- ]?(?:{MONTHS}),?[- ]?(?:19[3-9][0-9]|20(?:0[0-9]|10))\\b"
    ),
    "address": (
        f"\\b(?:{_UNIT} {_DOOR},? ?\\n?)?[0-9]{{1,4}} ?[a-z]?(?: ?[-/] ?[0-9]{{1,4}}[a-z]?)?,? (?:the )?"
        f"(?:{_WORD}[- ]){{1,4}}(?:{STREETS}|{_BLOCKS})\\b"
    ),
    "address_welsh": f"\\b(?:{_UNIT} {_DOOR},? )?[0-9]{{1,4}}[a-z]?,? (?:heol|stryd|ffordd|lon|maes|clos|bryn|rhodfa|tan|cae|parc) (?:yr? )?{_WORD}(?:[- ]{_WORD}){{0,2}}\\b",
    "address_the": "\\b[0-9]{1,4}[a-z]?,? the (?:avenue|green|close|crescent|drive|grove|mews|mount|rise|ridgeway|broadway|parade|square|terrace|walk|street|lane|paddocks?|oaks|willows|laurels|orchard|glebe|meadows|spinney|chase|maltings|gables|beeches|elms|firs|poplars|limes|chestnuts|hollies|cedars|pines|birches|sycamores|moorings|hollow|dell|brambles|coppice|copse|leys|lawns)\\b",
    "address_unit": f"\\b{_UNIT} [a-z]?[0-9]{{1,4}}[a-z]?,? ?\\n?(?:[0-9]{{1,4}}[a-z]? )?(?:{_WORD}[- ]){{1,3}}(?:{HOUSES}|{STREETS})\\b",
    "address_house": f"\\b(?:{_WORD}[- ]){{1,2}}(?:{_HOUSE}), ?\\n?(?:[0-9]{{1,4}}[a-z]?,? )?(?:{_WORD}[- ]){{1,3}}(?:{STREETS})\\b",
    "address_called": f"\\b{LIVES}{_AT}(?:y |ty )?{_NAMED} ?\\n?(?:(?:{_WORD}[- ]){{1,3}}(?:{STREETS})|(?:heol|stryd|ffordd|lon) (?:yr? )?{_WORD})\\b",
    "address_lone": f"\\b{LIVES}(?: (?:at|to|of|is|in|now|given as))?[ :]{{1,2}}[0-9]{{1,3}}[a-z]?,? [a-z']{{5,16}}(?:[.,;:)\\n]|$| (?:with|and|on|to|last|in|at|from|where|when|while|if|till|until|after|before|but|for|since|as|is|was|he|she|his|her)\\b)",
    "po_box": "\\bp[.]? ?o[.]? ?box (?:no[.]? ?)?[0-9]{1,6}\\b|\\bbfpo ?[0-9]{1,4}\\b",
    "case_ref": (
        "\\b(?:urn|case (?:no|number|ref|reference|id)|custody (?:no|number|ref|reference|record)|court (?:ref|reference|case)|indictment|"
        "booking (?:no|number)|crime (?:ref|reference|number|no)|occurrence|crn|offender (?:no|id|number)|warrant (?:no|number)|"
        "summons (?:no|number)|arrest summons|asn)\\b"
    ),
    "urn": "\\b[0-9]{2}[a-z][a-z0-9][0-9]{7}/?[0-9]{2}\\b|\\b[ts]20[0-9]{6}\\b",
}  # fmt: skip
"""By kind. Of several matches that begin together the longest counts."""

_LED = (
    "vehicle_said",
    "utr",
    "passport",
    "url",
    "social",
    "email_said",
    "cro_file",
    "phone_said",
    "handle_said",
    "case_ref",
    "vehicle_of",
    "address_lone",
    "po_box",
)
_AROUND = (
    "vehicle_plate",
    "address_called",
    "email",
    "handle",
    "address",
    "address_welsh",
    "address_the",
    "address_unit",
    "address_house",
)
ANCHORS: dict[str, str] = {
    "anchor_street": f"[- ](?:{STREETS}|{HOUSES}|almshouses|maisonettes|rectory|vicarage|mill|ridgeway|paddocks?|oaks|willows|laurels|orchard|glebe|spinney|maltings|gables|beeches|elms|firs|poplars|limes|chestnuts|hollies|cedars|pines|birches|sycamores|moorings|hollow|dell|brambles|coppice|copse|leys|lawns)\\b",
    "anchor_welsh": "\\b(?:heol|stryd|ffordd|lon|maes|clos|bryn|rhodfa|tan|cae|parc)\\b",
    "anchor_house": f"\\b(?:{_HOUSE}), ?\\n?[a-z0-9]",
    "anchor_plate": " plates?\\b",
    "anchor_at": "@",
    "anchor_born": "\\b(?:d[./]? ?[o0][./]? ?b|date [o0]f birth|birth ?da|dyddiad geni|b[o0]rn|b\\.|b [0-9])",
}  # fmt: skip
"""What tells where a dearer pattern is worth trying, by how much before and after belongs to it."""
REACH = {
    "anchor_street": (96, 4),
    "anchor_welsh": (24, 64),
    "anchor_house": (64, 96),
    "anchor_at": (68, 68),
    "anchor_plate": (52, 6),
}
"""That of a birth is tried in its whole note."""
AFTER_DIGIT = ("anchor_street", "anchor_welsh", "anchor_plate")
"""Those that tell something only where a digit stands before, within reach."""
EVERYWHERE = {**{kind: PATTERNS[kind] for kind in _LED}, **ANCHORS}
NEAR_DIGITS = {kind: pattern for kind, pattern in PATTERNS.items() if kind not in {*_LED, *_AROUND, "date"}}
NEAR_ANCHORS = {kind: PATTERNS[kind] for kind in _AROUND}
NEAR_STREETS = {kind: PATTERNS[kind] for kind in ("address", "address_the", "address_unit")}
DATES = {"date": PATTERNS["date"]}
"""Sets: those that begin with a word are tried everywhere, those of digits around digits, some around an anchor (around that of a
street without a comma before it those only that end with one), and dates around digits of notes that tell of a birth, or whose row knows one.
"""
KINDS = tuple(PATTERNS)
LABELS = {
    "nhs": "NHS_NUMBER", "noms": "NOMS_NUMBER", "crn": "CRN", "pnc": "PNC", "cro": "CRO", "cro_file": "CRO", "nino": "NINO",
    "nino_short": "NINO", "licence": "DRIVING_LICENCE", "vehicle": "VEHICLE_REG", "vehicle_old": "VEHICLE_REG", "vehicle_said": "VEHICLE_REG", "vehicle_of": "VEHICLE_REG", "vehicle_ni": "VEHICLE_REG",
    "vehicle_plate": "VEHICLE_REG", "card": "PAYMENT_CARD",
    "iban": "BANK_ACCOUNT", "sort_code": "BANK_ACCOUNT", "account": "BANK_ACCOUNT", "utr": "UTR", "passport": "PASSPORT",
    "phone": "PHONE", "phone_said": "PHONE", "email": "EMAIL", "email_said": "EMAIL", "url": "URL_HANDLE", "social": "URL_HANDLE",
    "handle": "URL_HANDLE", "handle_said": "URL_HANDLE", "ip": "IP_ADDRESS", "ip6": "IP_ADDRESS", "postcode": "POSTCODE",
    "date": "DATE_OF_BIRTH", "date_beside": "DATE_OF_BIRTH", "address": "ADDRESS", "address_welsh": "ADDRESS", "address_the": "ADDRESS", "address_unit": "ADDRESS",
    "address_house": "ADDRESS", "address_called": "ADDRESS", "address_lone": "ADDRESS", "po_box": "ADDRESS", "case_ref": "CASE_REFERENCE", "urn": "CASE_REFERENCE",
}  # fmt: skip
assert set(LABELS) == set(KINDS)
assert set(EVERYWHERE) | set(NEAR_DIGITS) | set(NEAR_ANCHORS) | set(DATES) == set(KINDS) | set(ANCHORS)
assert all(re.compile(pattern) for pattern in PATTERNS.values())
