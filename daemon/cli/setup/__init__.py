"""Commands that set unbusy up."""
