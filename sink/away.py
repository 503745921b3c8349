"""A store that does not answer: what its errors mean, and how long it is waited for."""

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from schemas.errors import CustodyError, Refused, Unavailable

log = structlog.get_logger()

WAIT_SECONDS = 300
"""How long the store may be away before a call gives up; the caller begins again from the table's own marks."""
TELL_AFTER = 4
"""So many attempts in vain are worth a line in the log."""
_NO_ENTRY = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")
"""What S3 answers where waiting does not help (Amazon S3 API, "Error responses")."""


def patience() -> Retrying:
    """Tries again, with back-off, what raised Unavailable."""
    return Retrying(
        retry=retry_if_exception_type(Unavailable), wait=wait_exponential_jitter(multiplier=0.1, max=10),
        stop=stop_after_delay(WAIT_SECONDS), before_sleep=_say_once, reraise=True,
    )  # fmt: skip


def meaning(problem: Exception) -> CustodyError | None:
    """What an error of the store means, whose kinds differ in their text alone; None: there is no such bucket."""
    text = str(problem)
    if "NoSuchBucket" in text:
        return None
    if any(word in text for word in _NO_ENTRY):
        return Refused(
            "the store refuses the access keys",
            remedy="set CUSTODY_S3_ACCESS_KEY and CUSTODY_S3_SECRET_KEY, or those of the identities",
        )
    return Unavailable(f"the store does not answer: {type(problem).__name__}")


def _say_once(state: RetryCallState) -> None:
    if state.attempt_number == TELL_AFTER:
        log.warning("store_away", waiting_seconds_at_most=WAIT_SECONDS)
