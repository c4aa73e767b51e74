"""`python -m hwrisk` is the command `hwrisk`."""

from hwrisk.cli import main

if __name__ == "__main__":
    main()
