"""Drafts of messages to other people: they stand in private events, and only the user ever sends one."""
