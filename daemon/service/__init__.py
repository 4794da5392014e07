"""The daemon: its loop, when it cycles, and what the service manager is told."""
