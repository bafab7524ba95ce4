"""What the everyday programs of a training share."""

NAMES = 'amber basil cedar daisy elder fern ginger hazel iris juniper kale lilac maple'.split()

# The parts by name, each with how often it runs.
PARTS = {}


def part(count):
    """Declares a part of the training: a function that runs `count` times, for about half a second without counters."""

    def declare(function):
        PARTS[function.__name__] = (function, count)
        return function

    return declare
