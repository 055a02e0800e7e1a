"""What the Makefile's own programs are built from: parts of a run, weighed, and the scenarios that a change touches."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
