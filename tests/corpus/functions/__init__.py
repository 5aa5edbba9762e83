"""Ordinary functions in the style of real code, kept undecorated; their known-good calls are in `cases`."""
