"""Mutations: what a real event becomes under a seed, by its structure or by its bytes."""

import json
from copy import deepcopy
from random import Random
from typing import Any

DEEP, LONG = 100_000, 100_000
MONSTERS = {
    '"@deep list"': b"[" * DEEP + b"]" * DEEP,
    '"@deep object"': b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    '"@torn list"': b"[" * DEEP,
    '"@digits"': b"9" * LONG,
    '"@fraction"': b"0." + b"3" * LONG,
    '"@exponent"': b"1e" + b"9" * 400,
    '"@text"': b'"' + b"Zz" * (5 * LONG) + b'"',
    '"@many"': b"{" + b",".join(b'"Zz%d":%d' % (n, n) for n in range(20_000)) + b"}",
}
"""What no JSON library writes by itself, set in as bytes; each is rare, being slow to make."""
MONSTROUS_BYTES = 50_000
"""From here on an event is deeper or longer than the careful reader takes."""
RAW = {f'"@{word}"': word.encode() for word in ("1e400", "-1e400", "0e999999", "NaN", "01", "-0.0")}
NUMBERS = [0, -1, 1, 2**15, 2**31, 2**53 + 1, 2**62, 2**63, -(2**63) - 1, 10**30, 1.5, -0.1, 1e300, 5e-324]
TEXTS = ["", " ", "Zz", "\0", "Zz\0Zz", "\ufeffZz", "\ud800", "Zz\udfff", "\u2028", "\U0001f409", "\n", '"', "\\", "]", "}],"]
TEXTS += [
    "Zz" * 500,
    "NaN",
    "NAN",
    "Infinity",
    "-Infinity",
    "infinity",
    "null",
    "true",
    "0",
    "-1",
    "1e5",
    "1.",
    ".5",
    "+1",
    "0x10",
]
TEXTS += [
    "1_000",
    "\u0661\u0662",
    "12345678901234567890123456789012345678901.5",
    "{}",
    "AP8=",
    "AP8",
    "!!",
    "24:00:00",
    "25:61:61",
]
TEXTS += ["25:61:61", "2026-01-02", "2026-01-02T03:04:05Z", "2026-02-30T00:00:00Z", "0000-00-00", "10000-01-01T00:00:00Z"]
TEXTS += ["2026-01-02T03:04:05.123456789Z", "-4712-01-01T00:00:00Z", "__debezium_unavailable_value"]
TEXTS += ["X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", "6F1C2A34-9D0B-4C55-8A77-0D2B6F1E9C11"]
NESTED: list[Any] = [[], [None], [[]], [[[["Zz"]]]], ["Zz"] * 300, [1, "Zz", None, {}], {}, {"__proto__": {"Zz": 1}}, {"": "Zz"}]
NESTED += [{"constructor": None}, {"scale": 2, "value": "AP8="}, {"scale": None, "value": 5}, {"scale": 2**40, "value": "AQ=="}]
NESTED += [{"scale": -(10**6), "value": "AQ=="}, {"schema": None, "payload": {}}, {"schema": {"fields": 5}, "payload": None}]
VALUES: list[Any] = [None, True, False, *NUMBERS, *TEXTS, *NESTED, *(json.loads(word) for word in RAW)]
NAMES = ["id", "court", "title", "fee", "after", "before", "source", "op", "payload", "schema", "fields", "__proto__", ""]
NAMES += ["_i", "_k", "_v", "_op", "Zz", "na\u00efve", "\ud800", "a b", '"', "lsn", "sequence", "ts_us", "ts_ms"]
PIECES = [
    b"",
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"\\",
    b'"',
    b"\\u",
    b"\\ud800",
]
PIECES += [b"{", b"}", b"[", b"]", b",", b":", b"null", b'"_i":7,', b'},"_i":8,"_v":{', b'],"x":[', b"}\n{", b"//", b"/**/", b"'"]
PIECES += [b"NaN", b"-", b"e9", b"0" * 400, b'"op":"c",', b'"after":{},', b'"before":{"fee":"1"},']


def written(value: Any, random: Random) -> bytes:
    """As JSON; mostly as Debezium's converter writes it, without blanks."""
    style: dict[str, Any] = random.choice([{"separators": (",", ":")}] * 8 + [{}, {"indent": 1}])
    text = json.dumps(value, ensure_ascii=random.random() < 0.1, **style).encode(errors="surrogatepass")
    for word, raw in {**RAW, **MONSTERS}.items():
        text = text.replace(word.encode(), raw)
    return text


def some_path(value: Any, random: Random) -> list[Any]:
    """The way to some part of a value, mostly of the row that it tells; the empty way where it has no parts."""
    path: list[Any] = []
    is_of_row = random.random() < 0.6
    while isinstance(value, dict | list) and value and (len(path) < 2 or random.random() < 0.85):
        names = list(value) if isinstance(value, dict) else range(len(value))
        row = [name for name in ("payload", "after") if is_of_row and name in names and value[name]]
        path.append(row[0] if row else random.choice(names))
        value = value[path[-1]]
    return path


def restructured(value: Any, random: Random) -> Any:
    """One to three parts changed: replaced, taken away, renamed, doubled, wrapped. Mostly one, and mostly of the row."""
    value = json.loads(json.dumps(value))
    for _ in range(random.choice((1, 1, 1, 1, 2, 3))):
        path = some_path(value, random)
        if not path:
            return random.choice(VALUES)
        holder = value
        for step in path[:-1]:
            holder = holder[step]
        _change(holder, path[-1], random)
    return value if random.random() < 0.998 else random.choice(VALUES)


def _change(holder: Any, name: Any, random: Random) -> None:
    kind = random.randrange(12)
    if kind < 6:
        holder[name] = deepcopy(random.choice(VALUES)) if random.random() < 0.997 else json.loads(random.choice(list(MONSTERS)))
    elif kind < 8:
        del holder[name]
    elif kind < 9:
        holder[name] = random.choice(([holder[name]], {"Zz": holder[name]}, str(holder[name])))
    elif isinstance(holder, dict):
        part = holder.pop(name) if kind < 10 else deepcopy(holder[name])
        holder[random.choice([*NAMES, *map(str, holder)])] = part
    else:
        holder.append(deepcopy(holder[name]))


def torn(text: bytes, random: Random) -> bytes:
    """One to four places of the bytes changed: flipped, cut, filled in, doubled, cut off."""
    made = bytearray(text)
    for _ in range(random.randrange(1, 5)):
        at, upto = sorted(random.randrange(len(made) + 1) for _ in range(2))
        kind = random.randrange(6)
        if kind == 0 and at < len(made):
            made[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            del made[at : min(upto, at + random.randrange(1, 20))]
        elif kind == 2:
            made[at:at] = random.choice(PIECES)
        elif kind == 3:
            made[at:at] = made[at : min(upto, at + 200)]
        elif kind == 4 and random.random() < 0.3:
            del made[at:]
        elif at < len(made):
            made[at] = random.choice(b'0123456789abcdeEtf"{}[]:,.-+\\ \0\xff')
    return bytes(made)


def mutated(value: Any, random: Random) -> bytes | None:
    """A value as bytes: its structure changed, or its bytes, or both."""
    kind = random.randrange(10)
    if kind < 5:
        return written(restructured(value, random), random)
    text = written(restructured(value, random) if kind == 5 else value, random)
    return torn(text, random) if text else text
