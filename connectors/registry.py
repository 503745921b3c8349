"""The schema registry's Confluent interface: subjects are registered, schemas are looked up by id."""

from dataclasses import dataclass, field

from connectors import http
from schemas.errors import Refused, Unavailable

CONFLICT, UNPROCESSABLE, NOT_FOUND = 409, 422, 404
COMPATIBILITY = "BACKWARD_TRANSITIVE"
"""A reader with the new schema can read what was written with any before."""


@dataclass(slots=True)
class Registry:
    url: str
    _schemas: dict[int, str] = field(default_factory=dict)
    _ids: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of each subject and schema registered here: many datasets share some."""

    def register(self, subject: str, schema: str) -> int:
        """Register a schema under a subject; the id it has, the same each time.

        Raises:
            Refused: readers of the schema before could not go on with this one.
            Unavailable: the registry does not answer.
        """
        if (subject, schema) not in self._ids:
            self._ids[subject, schema] = self._register(subject, schema)
        return self._ids[subject, schema]

    def _register(self, subject: str, schema: str) -> int:
        answer = http.post(f"{self.url}/subjects/{subject}/versions", {"schema": schema, "schemaType": "AVRO"})
        if answer.status in {CONFLICT, UNPROCESSABLE}:
            raise Refused(
                "the schema is not compatible with the one registered before", subject=subject,
                remedy="keep the types of published columns; give a changed column a new name",
            )  # fmt: skip
        if not answer.is_good:
            raise Unavailable(f"the registry answered {answer.status}", subject=subject)
        if self._is_new(subject):
            http.put(f"{self.url}/config/{subject}", {"compatibility": COMPATIBILITY})
        return int(answer.body["id"])

    def judge(self, subject: str, schema: str) -> str:
        """What registering would do, without doing it: `new`, `same`, `compatible`, or `incompatible` with an earlier version.

        Raises:
            Unavailable: the registry does not answer.
        """
        body = {"schema": schema, "schemaType": "AVRO"}
        if http.get(f"{self.url}/subjects/{subject}/versions").status == NOT_FOUND:
            return "new"
        if http.post(f"{self.url}/subjects/{subject}", body).is_good:
            return "same"
        answer = http.post(f"{self.url}/compatibility/subjects/{subject}/versions", body)
        if not answer.is_good:
            raise Unavailable(f"the registry answered {answer.status}", subject=subject)
        return "compatible" if answer.body["is_compatible"] else "incompatible"

    def _is_new(self, subject: str) -> bool:
        return http.get(f"{self.url}/config/{subject}").status == NOT_FOUND

    def schema(self, schema_id: int) -> str:
        """The schema with this id, as JSON text.

        Raises:
            Refused: there is none.
            Unavailable: the registry does not answer.
        """
        if schema_id not in self._schemas:
            answer = http.get(f"{self.url}/schemas/ids/{schema_id}")
            if answer.status == NOT_FOUND:
                raise Refused("the registry does not know this schema", schema_id=schema_id, remedy="is it another registry?")
            if not answer.is_good:
                raise Unavailable(f"the registry answered {answer.status}", schema_id=schema_id)
            self._schemas[schema_id] = str(answer.body["schema"])
        return self._schemas[schema_id]
