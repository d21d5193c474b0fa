"""The verbs on the frames of other packages, registered by importing `ctnb.engines.polars` or `ctnb.engines.dask`."""
