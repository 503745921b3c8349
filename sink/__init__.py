"""The door out: the commit protocol, raw, history, current, quarantine, time travel."""
