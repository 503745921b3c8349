"""Nouns, pure: the dataset notation, the shape of a change, order, positions, errors, subjects."""
