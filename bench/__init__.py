"""Benchmarks: every module here with a ``main(env)`` is one; ``./dev bench NAME`` runs it."""
