"""What a year comes to.  Pure: a history goes in, numbers come out."""
