"""What is doubted before anything is written: the clock, another installation, another writer."""
