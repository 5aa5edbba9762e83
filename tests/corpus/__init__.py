"""Ordinary functions with known-good calls, and what runs them plain and enhanced."""
