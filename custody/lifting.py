"""Tokens of earlier keys: where there are still some, and bringing the tables under the newest key before anything starts."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from custody.places import identities_lake, lake_of, main_lake
from custody.settings import Settings
from custody.version import about, code_version
from rules.protection import Keys
from schemas.dataset import Dataset
from schemas.errors import Refused
from schemas.identity import identities_of, models_of, with_identities
from sink.lift import LINKED, is_behind, lift_dataset, lift_links, token_columns
from sink.table import Place, TableNotFoundError
from sink.tokens import count_in

AT_ONCE = 4
REMEDY = "end the pipeline, and start it again: custody run, as custody play, first brings the tables under the newest key"


@dataclass(frozen=True, slots=True)
class Held:
    """A table, and how many tokens of each key are in its newest version."""

    table: str
    tokens: dict[int, int]


def lift_tables(
    settings: Settings, datasets: Mapping[str, Dataset], keys: Keys, on_progress: Callable[[str], None] = lambda _: None
) -> int:
    """Bring all tables of these datasets under the newest key; the number of rows written anew.

    Nothing may write to them meanwhile: who did is fenced, the linkers first, so that none sees records under other names.

    Raises:
        Refused: tokens are of a later key.
    """
    models = models_of(datasets) if keys.later else ()
    links = [lift_links(main_lake(settings), model, keys, {"custody.code": code_version()}) for model in models]

    def lift_one(dataset: Dataset) -> int:
        lake = lake_of(settings, dataset)
        if not keys.later and not is_behind(lake.history(dataset), keys):
            return 0
        count = lift_dataset(lake, dataset, keys, about(dataset))
        if count:
            on_progress(f"{dataset.name}: tokens of {count:,} rows brought under key {keys.version}")
        return count

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(links) + sum(pool.map(lift_one, with_identities(datasets).values()))


def refuse_linked_behind(settings: Settings, datasets: Mapping[str, Dataset]) -> None:
    """Refuse to link while records and links may be under different names.

    Raises:
        Refused: tokens of identities or links are not of the newest key.
    """
    keys = settings.keys(dict(datasets))
    linked = [main_lake(settings).place("links", model) for model in models_of(datasets)]
    clear = [identities_lake(settings).history(dataset) for dataset in identities_of(datasets).values()]
    for place in (*linked, *clear):
        refuse_behind(place, keys)


def refuse_behind(place: Place, keys: Keys) -> None:
    """Raises: Refused: the table's tokens are not of the newest key."""
    if is_behind(place, keys):
        raise Refused(f"the table's tokens are of an earlier key than {keys.version}", table=place.address, remedy=REMEDY)


def held(settings: Settings, datasets: Mapping[str, Dataset]) -> Iterator[Held]:
    """The tables that hold tokens, as they are now."""
    main = main_lake(settings)
    counts: dict[str, Callable[[], dict[int, int]]] = {
        f"{zone}/{model}": partial(count_in, main.place(zone, model)) for model in models_of(datasets) for zone in LINKED
    }
    for name, dataset in with_identities(datasets).items():
        lake, chosen = lake_of(settings, dataset), partial(token_columns, dataset=dataset)
        counts |= {f"{zone}/{name}": partial(count_in, lake.place(zone, name), chosen) for zone in ("history", "current")}
        counts[f"quarantine/{name}"] = partial(count_in, lake.quarantine(dataset))
    for name, count in sorted(counts.items()):
        try:
            tokens = count()
        except TableNotFoundError:
            continue
        if tokens:
            yield Held(name, tokens)
