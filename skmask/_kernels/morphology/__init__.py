"""Binary morphology on bit planes."""
