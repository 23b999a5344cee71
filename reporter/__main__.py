"""Run the command line: ``python -m reporter``."""

from reporter.cli import run

if __name__ == "__main__":
    run()
