"""Tests of what is beside the addons; ``./dev test`` runs them with pytest."""
