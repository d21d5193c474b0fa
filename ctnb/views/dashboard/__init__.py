"""The dashboard: results looked at in widgets."""
