"""Numbers that stand for people and places: their shapes, their check letters, their one way of writing."""
