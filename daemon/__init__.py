"""unbusy: a calendar daemon that protects time for deep thinking."""
