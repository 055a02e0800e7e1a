"""The laboratory: a virtual machine with a stock kernel, and the parts that scenarios are built from."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
# Files that were fetched for the laboratory stay here: a second call costs nothing and asks no network.
CACHE = Path(os.environ.get("PWMGR_LAB_CACHE", CHECKOUT / ".lab")).resolve()
