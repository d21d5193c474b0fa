"""Phone numbers: `ctnb.leads.phones.api` is the door, the rest is the kernel behind it."""
