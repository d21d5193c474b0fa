"""Texts are fitted to the size of their axes, anew whenever a layout or a window gives these another size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from matplotlib.artist import Artist

from ctnb.views.charts.style import inches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase

_SAME: Final = 0.02
"""Inches by which a size may differ before texts are fitted anew."""
_FIRST: Final = -1000


class Fit(Protocol):
    """Fits texts to axes of a width and height in inches; it changes artists and adds none."""

    def __call__(self, width: float, height: float) -> None:
        """Fit them."""


def keep_fitted(ax: Axes, fit: Fit) -> None:
    """Fit texts to the axes now, and before each drawing in which these have another size."""
    size = inches(ax)
    fit(*size)
    ax.add_artist(_Fitting(fit, size))


class _Fitting(Artist):
    """Draws nothing: it comes first when the axes are drawn, and knows then how large they are."""

    def __init__(self, fit: Fit, size: tuple[float, float]) -> None:
        super().__init__()
        self._fit, self._size = fit, size
        self.set(in_layout=False, zorder=_FIRST)

    def draw(self, renderer: RendererBase) -> None:  # noqa: ARG002  matplotlib's signature
        axes: Any = self.axes
        box, dpi = axes.get_window_extent(), axes.figure.dpi
        size = (box.width / dpi, box.height / dpi)
        if any(abs(now - was) > _SAME for now, was in zip(size, self._size, strict=True)):
            self._size = size
            self._fit(*size)
