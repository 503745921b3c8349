"""The commands, one module each, in the order in which a person needs them."""

from custody.commands.check import check
from custody.commands.play import play
from custody.commands.read import read

COMMANDS = (check, play, read)
