"""Pushing records: from what a sender states to messages on its agency's topic. Part of the base installation."""
