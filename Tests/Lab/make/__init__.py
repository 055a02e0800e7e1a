"""The modules of the Makefile's own programs: parts of a run, weighed, and the scenarios that a change touches."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
