"""What a plan, a rule, a connection and a run look like when a notebook shows them: short text and small HTML."""
