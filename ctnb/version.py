"""The version of ctnb, in a file that imports nothing, so that every module can read it."""

__version__ = "0.1.0"
