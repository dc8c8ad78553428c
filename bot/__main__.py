"""``python -m bot``."""

if __name__ == "__main__":  # and only then: the process that parses feeds loads this file too, and needs none of it
    import sys

    try:
        from bot.cli import main

        main()
    except KeyboardInterrupt:  # before there was anything to end in good order
        sys.exit(130)
