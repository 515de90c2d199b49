"""Notices: one message when something becomes bad, and one when it is well again."""
