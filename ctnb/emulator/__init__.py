"""A stand-in vendor on loopback, for the demo, the tests and rehearsals."""
