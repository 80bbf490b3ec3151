"""Sizes and what they imply: window formulas, and models run on shapes alone."""
