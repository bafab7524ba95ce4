"""Parts of the language: calls, generators, coroutines, classes, and the collector of garbage."""

import asyncio
import copy
import dataclasses
import functools
import gc
import io
import logging
import typing


def generators():
    def tree(depth):
        if depth:
            yield from tree(depth - 1)
            yield depth
            yield from tree(depth - 1)

    assert sum(tree(13)) == 2**14 - 15


def coroutines():
    async def fibonacci(n):
        return n if n < 2 else await fibonacci(n - 1) + await fibonacci(n - 2)

    coroutine = fibonacci(17)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        assert stop.value == 1597


def async_tree():
    async def grow(depth):
        if depth:
            await asyncio.gather(*(grow(depth - 1) for _ in range(5)))

    asyncio.run(grow(4))


def async_generators():
    async def numbers(depth):
        if depth:
            async for number in numbers(depth - 1):
                yield number
            yield depth

    async def total():
        found = 0
        for _ in range(100):
            async for number in numbers(20):
                found += number
        return found

    assert asyncio.run(total()) == 21_000


def comprehensions():
    rows = [{"name": f"n{i}", "size": i % 17, "tags": [i % 3, i % 5]} for i in range(3000)]
    by_size = {row["size"]: [other["name"] for other in rows[:50]] for row in rows}
    big = [row["name"] for row in rows if row["size"] > 8 and any(tag > 2 for tag in row["tags"])]
    assert len(by_size) == 17 and big


def unpacking():
    pairs = [(1, 2, 3, 4)] * 100
    for _ in range(300):
        for a, b, c, d in pairs:
            e, f = a, b
            (g, h), *rest = (c, d), a, b
            a, b, c, d = d, c, b, a


def method_calls():
    class Base:
        factor = 2

        def scaled(self, number):
            return number * self.factor

        @property
        def doubled(self):
            return self.factor * 2

        @classmethod
        def made(cls):
            return cls()

    class Derived(Base):
        def scaled(self, number, *more, **options):
            return super().scaled(number) + len(more) + len(options)

    one = Derived.made()
    total = 0
    for number in range(15_000):
        total += one.scaled(number) + one.scaled(number, 1, key=2) + one.doubled
    assert total


def closures():
    def counter(step):
        count = 0

        def advance(times=1):
            nonlocal count
            count += step * times
            return count

        return advance

    advances = [counter(step) for step in range(20)]
    add = functools.partial(max, 3)
    for _ in range(1500):
        for advance in advances:
            add(advance())


def exceptions():
    class Refused(Exception):
        pass

    def check(number):
        try:
            if number % 3 == 0:
                raise Refused(number)
            return [1, 2][number % 4]
        except IndexError:
            return 0
        finally:
            number += 1

    refused = 0
    for number in range(25_000):
        try:
            check(number)
        except Refused:
            refused += 1
    assert refused


def pattern_matching():
    shapes = [("circle", 2), ("square", 3), {"kind": "line", "from": 1}, [1, 2, 3], 5, None] * 1500
    area = 0
    for shape in shapes:
        match shape:
            case ("circle", radius):
                area += 3 * radius * radius
            case ("square", side):
                area += side * side
            case {"kind": "line", "from": start}:
                area += start
            case [first, *_]:
                area += first
            case int(number) if number > 3:
                area += number
            case None:
                area -= 1
    assert area


def deep_copies():
    @dataclasses.dataclass
    class Item:
        name: str
        parts: list

    tree = {"items": [Item(f"n{i}", [i, (i, i + 1), {"key": i}]) for i in range(60)]}
    for _ in range(4):
        assert copy.deepcopy(tree) == tree


def runtime_protocols():
    @typing.runtime_checkable
    class Sized(typing.Protocol):
        name: str

        def size(self) -> int: ...

    class File:
        name = "file"

        def size(self):
            return 1

    values = [File(), 3, "text", None]
    found = 0
    for _ in range(2500):
        for value in values:
            found += isinstance(value, Sized)
    assert found == 2500


def data_classes():
    @dataclasses.dataclass(frozen=True, order=True)
    class Version:
        major: int
        minor: int
        patch: int = 0

    versions = [Version(number % 5, number % 7, number % 11) for number in range(4000)]
    assert len(set(versions)) == 385
    assert sorted(versions)[0] == Version(0, 0)


def gc_traversal():
    levels = [list(range(20)) for _ in range(1500)]
    nested = [[level, {"level": level}] for level in levels]
    for _ in range(10):
        gc.collect()
    assert nested


def gc_cycles():
    class Node:
        def __init__(self):
            self.me = self
            self.items = [self]

    for _ in range(3):
        for _ in range(4000):
            Node()
        gc.collect()


def log_messages():
    stream = io.StringIO()
    log = logging.Logger("bench", logging.INFO)
    log.addHandler(logging.StreamHandler(stream))
    for number in range(900):
        log.info("message %d of %s", number, "bench")
        log.debug("not %s", number)
    assert stream.tell() > 0


PROGRAMS = {
    program.__name__: program
    for program in (
        generators,
        coroutines,
        async_tree,
        async_generators,
        comprehensions,
        unpacking,
        method_calls,
        closures,
        exceptions,
        pattern_matching,
        deep_copies,
        runtime_protocols,
        data_classes,
        gc_traversal,
        gc_cycles,
        log_messages,
    )
}
