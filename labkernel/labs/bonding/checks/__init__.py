"""Checks of attempts, by the lesson's parts."""
