"""Opens the depth explorer, where its packages are installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ctnb.exceptions import MissingExtraError
from ctnb.i18n.message import lazy_gettext

if TYPE_CHECKING:
    from ctnb.matching.matched_plan import MatchedPlan
    from ctnb.views.explorer.explorer import DepthExplorer


def open_explorer(matched: MatchedPlan) -> DepthExplorer:
    """Look at other depths in widgets; see `ctnb.matching.preview.Preview.explorer`."""
    if find_spec("ipywidgets") is None:
        raise MissingExtraError.of("ipywidgets", extra="notebook", purpose=lazy_gettext("The explorer"))
    from ctnb.views.explorer.explorer import DepthExplorer

    return DepthExplorer(matched)
