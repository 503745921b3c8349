"""The commands, one module each, in the order in which a person needs them."""

from custody.commands.check import check
from custody.commands.demo import demo
from custody.commands.keys import keys
from custody.commands.link import link
from custody.commands.plan import plan
from custody.commands.play import play
from custody.commands.quarantine import discard, quarantine, release
from custody.commands.read import read
from custody.commands.recover import recover
from custody.commands.redact import redact
from custody.commands.republish import republish
from custody.commands.risk import risk
from custody.commands.run import linker, redactor, run, sink, worker
from custody.commands.snapshot import snapshot
from custody.commands.stack import down, status, up

COMMANDS = (
    demo, check, plan, play, read, up, run, status, quarantine, release, discard, republish, redact, risk, link, keys, snapshot,
    recover, down, worker, sink, linker, redactor,
)  # fmt: skip
