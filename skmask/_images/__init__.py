"""Input and output: every container that a user hands in is read here, and nowhere else."""
