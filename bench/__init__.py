"""Benchmarks. Every module here that has a ``main(env)`` is one; ``./dev bench NAME`` runs it.

``env`` is the superuser's, on a new database with our addons installed;
``common.open_env(common.core_database())`` gives one on the same database without them.
What a benchmark writes is rolled back, unless it commits.
"""
