"""Kernels that are forked, not started: the fork server, its client, Jupyter's provisioner."""
