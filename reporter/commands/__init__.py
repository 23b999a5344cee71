"""One module per command; ``reporter.cli`` finds them by listing this folder. Each has a click command named ``command``."""
