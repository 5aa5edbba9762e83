"""The default domain: checked arguments, retries where nothing can be repeated, checked results."""
