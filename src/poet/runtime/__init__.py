"""What runs on every call: nothing in here knows how versions are generated."""
