"""Which revision of the code this is."""

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    try:
        return version("custody")
    except PackageNotFoundError:
        return "unknown"
