"""Pooling of images and signals, and what a shift of the input does to it."""
