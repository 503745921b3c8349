"""Redaction for people at a command line: reading notes, writing what was found, and measuring it against a corpus."""
