"""``python -m bot``."""

if __name__ == "__main__":  # and only then: the process that parses feeds loads this file too, and needs none of it
    from bot.cli import main

    main()
