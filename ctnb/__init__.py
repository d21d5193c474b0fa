"""Put CRM comments on the leads of a Calltouch account, and see how well they matched."""

__version__ = "0.1.0"
