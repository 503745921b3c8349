"""Verbs, pure: clean, check, protect, identifiers. Nothing of ours is imported here."""
