"""Manual pages in the language mdoc, made of what pwmgr says of itself and of the pages in docs/."""
