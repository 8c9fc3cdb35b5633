"""Pictures of masks and of what was learned; matplotlib is imported when something is drawn."""
