"""The written documents of other tools, read faithfully: bytes in, frozen records out. No I/O, no graph words."""
