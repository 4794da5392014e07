"""The journal: its pages, and the answers that are filed in them."""
