"""Pace: at most so many requests in any second, shared by the processes of a machine."""
