"""What the operating system gives: locks, files of the state, secrets."""
