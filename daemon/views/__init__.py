"""What is shown to people: agenda, checks, figures, pictures."""
