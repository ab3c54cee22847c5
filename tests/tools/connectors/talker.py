"""A program that is no connector: it prints what it was told to (`argv[1]`), whatever it is asked, and exits with `argv[2]`."""

import sys

print(sys.argv[1])
sys.exit(int(sys.argv[2]))
