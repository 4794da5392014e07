"""A company's leaders: the same cycle, for each of them, as a job of an engine on PostgreSQL (docs/fleet.md).

Nobody but the command line uses it, and nothing else knows of it; it needs `unbusy[fleet]`.
"""
