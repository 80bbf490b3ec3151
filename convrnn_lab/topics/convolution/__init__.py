"""Convolution and transposed convolution of images and signals."""
