"""What titles tell, in the languages of many users."""
