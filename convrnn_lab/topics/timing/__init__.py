"""Measured seconds beside counted costs."""
