"""What lies on this machine: folders of .ics files, single files, and files at a web address."""
