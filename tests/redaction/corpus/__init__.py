"""Notes with their personal data marked, made up: built apart from the rules, of families of templates, each in `tune` or in `test`."""
