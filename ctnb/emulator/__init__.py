"""A stand-in vendor on loopback, for the demo, the tests and rehearsals."""

from ctnb.emulator.server import Emulator

__all__ = ["Emulator"]
