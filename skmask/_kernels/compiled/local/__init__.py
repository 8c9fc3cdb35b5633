"""Twins of kernels in `skmask._kernels.local`."""
