"""How many requests came in a second."""

import numpy as np


def most_in_a_second(stamps):
    """Return the number of requests in the fullest sliding second; stamps are in seconds, in order."""
    return max(int(np.searchsorted(stamps, stamp + 1) - number) for number, stamp in enumerate(stamps))
