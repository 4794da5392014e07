"""The stages of a cycle, a file each, in the words of docs/architecture.md."""
