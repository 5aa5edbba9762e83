"""Right implementations, and seeded faults in them that a gate has to notice."""
