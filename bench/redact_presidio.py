"""Presidio, as it comes and tuned for Britain, beside our rules, on the notes that no rule was written by.

`python -m bench.redact_presidio [--model NAME] [--json]`, where `presidio-analyzer` and a spaCy model are, too; elsewhere
the comparison is skipped, and says so. The row's people are not told to Presidio: it has no place for them.
"""

import argparse
import json
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from custody.redaction.evaluate import report
from custody.redaction.notes import Note
from custody.redaction.run import run
from rules.redact import NOBODY, UNKNOWN_PEOPLE
from tests.redaction.corpus import generate, unseen

LABELS = {
    "PERSON": "PERSON", "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL", "UK_NHS": "NHS_NUMBER", "UK_NINO": "NINO",
    "IP_ADDRESS": "IP_ADDRESS", "URL": "URL_HANDLE", "CREDIT_CARD": "PAYMENT_CARD", "IBAN_CODE": "BANK_ACCOUNT",
    "UK_POSTCODE": "POSTCODE", "UK_PASSPORT": "PASSPORT",
    "UK_VEHICLE_REGISTRATION": "VEHICLE_REG", "UK_DRIVING_LICENCE": "DRIVING_LICENCE",
}  # fmt: skip
"""Presidio's words for ours; what has none (places, dates as such, numbers of other countries) is not counted."""
TUNED = tuple(f"Uk{name}Recognizer" for name in ("Nino", "Postcode", "Passport", "VehicleRegistration", "DrivingLicence"))
TUNED_SCORE = 0.4
Find = Callable[[str], list[dict[str, Any]]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--model", default="en_core_web_sm", help="the spaCy model")
    asked.add_argument("--json", action="store_true", help="print one JSON object")
    given = asked.parse_args()
    missing = [name for name in ("presidio_analyzer", given.model) if find_spec(name) is None]
    said: dict[str, Any] = {}
    for name, notes in (("test families", generate.notes("test")), ("other registers, held", unseen.notes("held"))):
        corpus = [Note(n["text"], n["id"], n["row"], n["spans"], {"register": n["register"]}) for n in notes]
        said[f"{name}: ours"] = _rates(corpus, [spans for spans, _ in run(corpus, NOBODY, UNKNOWN_PEOPLE)])
        for way in () if missing else ("stock", "tuned"):
            begun = time.process_time()
            find = presidio(given.model, is_tuned=way == "tuned")
            found = [find(note.text) for note in corpus]
            cost = (time.process_time() - begun) / len(corpus) * 1e6
            said[f"{name}: Presidio {way}"] = _rates(corpus, found) | {"CPU-s per million notes": round(cost)}
    if missing:
        said["skipped"] = f"Presidio: not installed here: {', '.join(missing)}"
    print(json.dumps(said) if given.json else "\n".join(f"{name:38} {rates}" for name, rates in said.items()))


def presidio(model: str, *, is_tuned: bool) -> Find:
    """A finder of spans. Tuned: British recognisers, British telephones, and nothing below a score."""
    import presidio_analyzer as presidio  # noqa: PLC0415 - what need not be there is loaded when it is asked for
    from presidio_analyzer import predefined_recognizers  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    models = [{"lang_code": "en", "model_name": model}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = presidio.AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    if is_tuned:
        for name in TUNED:
            if hasattr(predefined_recognizers, name):
                analyzer.registry.add_recognizer(getattr(predefined_recognizers, name)())
        analyzer.registry.remove_recognizer("PhoneRecognizer")
        analyzer.registry.add_recognizer(predefined_recognizers.PhoneRecognizer(supported_regions=["GB"]))
    least = TUNED_SCORE if is_tuned else 0.0

    def find(text: str) -> list[dict[str, Any]]:
        found = analyzer.analyze(text, language="en", score_threshold=least)
        return [
            {"start": one.start, "end": one.end, "label": LABELS[one.entity_type]} for one in found if one.entity_type in LABELS
        ]

    return find


def _rates(corpus: list[Note], found: list[list[dict[str, Any]]]) -> dict[str, Any]:
    said = report(corpus, found)
    by = {f"recall, {kind}": rates["recall"] for kind, rates in said["by_kind"].items()}
    return by | {"precision": said["all"]["precision"], "untouched": said["without_personal_data"]["rate"]}


if __name__ == "__main__":
    main()
