"""What stands on our events so that they are known again: the mark as a line, and its time on a clock."""
