"""Pulling a feed: its entries by Kafka or HTTP, and the answers on their way back. Part of the base installation."""
