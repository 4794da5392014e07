"""What a foreign event counts as: whose it is, whether it takes time, and which of several are one."""
