"""POET: one line makes a plain Python function production-ready, and keeps improving it."""
