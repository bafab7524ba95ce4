"""Ten short loops of plain Python with nothing but the standard library; each says how much processor time it took.

Called as `ten_loops.py NAME`, it runs one loop and prints seconds. Without a name it prints the names.
"""

import json
import re
import sys
import time


def calls():
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    return fibonacci(32)


def attributes():
    class Point:
        __slots__ = ("x", "y")

        def __init__(self, x, y):
            self.x = x
            self.y = y

        def moved(self, dx, dy):
            return Point(self.x + dx, self.y + dy)

    point = Point(0, 0)
    for step in range(2_000_000):
        point = point.moved(step & 3, 1)
    return point.x + point.y


def collections():
    counts = {}
    window = []
    for number in range(2_700_000):
        key = number * 7919 % 5003
        counts[key] = counts.get(key, 0) + 1
        window.append(key)
        if len(window) > 50:
            window = window[25:]
    return len(counts) + sum(window)


def strings():
    words = ["ampoule", "phial", "vial", "flask", "retort"]
    lines = []
    for number in range(500_000):
        word = words[number % 5]
        lines.append(f"{number:06d} {word.upper():>10} {word[::-1]}")
    text = "\n".join(lines)
    return sum(len(line.split()) for line in text.splitlines())


def floats():
    x = y = z = 0.1
    for _ in range(2_700_000):
        x, y, z = (
            x + 0.01 * (10.0 * (y - x)),
            y + 0.01 * (x * (28.0 - z) - y),
            z + 0.01 * (x * y - 2.667 * z),
        )
    return x + y + z


def generators():
    def numbers(limit):
        yield from range(limit)

    def odd(source):
        for number in source:
            if number & 1:
                yield number

    def squares(source):
        return (number * number for number in source)

    return sum(squares(odd(numbers(5_200_000))))


def exceptions():
    class Refused(Exception):
        pass

    def check(number):
        if number % 3 == 0:
            raise Refused(number)
        return number

    refused = 0
    for number in range(2_700_000):
        try:
            check(number)
        except Refused:
            refused += 1
    return refused


def json_texts():
    document = {
        "items": [
            {"id": number, "name": f"item {number}", "tags": ["a", "b"], "price": number / 7}
            for number in range(300)
        ]
    }
    length = 0
    for _ in range(600):
        text = json.dumps(document)
        length += len(json.loads(text)["items"]) + len(text)
    return length


def expressions():
    text = "2026-09-09 12:30:01 host-17 GET /a/b/c.html?x=1 200 5321\n" * 900
    pattern = re.compile(r"(\d+)-(\d+)-(\d+) \S+ (host-\d+) (GET|POST) (\S+?)\?(\w+)=(\d+) (\d{3})")
    found = 0
    for _ in range(580):
        found += sum(1 for _ in pattern.finditer(text))
    return found


def sorting():
    seed = 42
    rows = []
    for _ in range(120_000):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        rows.append((seed % 1000, str(seed), seed / 3))
    rows.sort()
    rows.sort(key=lambda row: row[2])
    rows.sort(key=lambda row: (row[1][-1], -row[0]))
    return rows[0][0]


LOOPS = {
    function.__name__: function
    for function in (
        calls,
        attributes,
        collections,
        strings,
        floats,
        generators,
        exceptions,
        json_texts,
        expressions,
        sorting,
    )
}

if __name__ == "__main__":
    if len(sys.argv) < 2:
        print(" ".join(LOOPS))
    else:
        loop = LOOPS[sys.argv[1]]
        start = time.process_time()
        loop()
        print(time.process_time() - start)
