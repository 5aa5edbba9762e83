"""Calls to HTTP services: time-outs, retries where they are safe, and a circuit breaker."""
