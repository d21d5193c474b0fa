"""The look that all plots share."""

import matplotlib as mpl
import numpy as np
import pytest

from ctnb.views.charts import style


@pytest.mark.parametrize("ink", [style.INK, style.QUIET])
def test_texts_stand_out_from_white(ink):
    channels = np.array(mpl.colors.to_rgb(ink))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    # WCAG 2: the contrast of a colour with white.
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5
