"""What helps with the command line: pages to read, manual pages, completion."""
