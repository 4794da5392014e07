"""Measurements beside other programs: `make bench` prints them as the table that stands in docs/measured.md."""
