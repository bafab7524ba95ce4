"""Parts of the language: calls, classes, generators, exceptions, tasks."""

import abc
import asyncio
import collections
import contextlib
import dataclasses
import enum
import functools
import math
import operator
import typing

from train_parts import NAMES, part

class Account:
    interest = 3

    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        self.history = []

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, amount):
        self.history.append(amount - self._balance)
        self._balance = amount

    def deposit(self, amount, *, note=None):
        if amount <= 0:
            raise ValueError(f'not an amount: {amount}')
        self.balance += amount
        return self

    @classmethod
    def open(cls, owner, **extra):
        return cls(owner, **extra)

    @staticmethod
    def fee(amount):
        return amount // 100 + 1

    def __eq__(self, other):
        return isinstance(other, Account) and self.owner == other.owner

    def __hash__(self):
        return hash(self.owner)


class Savings(Account):
    interest = 5

    def deposit(self, amount, *, note='savings'):
        super().deposit(amount, note=note)
        return self


@part(400)
def objects():
    accounts = [(Savings if n % 3 else Account).open(NAMES[n % 13], balance=n) for n in range(500)]
    for account in accounts:
        for amount in (5, 20, 0, 7):
            try:
                account.deposit(amount).deposit(amount, note='again')
            except ValueError as error:
                account.history.append(str(error))
        account.balance -= account.fee(account.balance) + account.interest
    assert len(set(accounts)) == 13
    assert sum(account.balance for account in accounts if hasattr(account, 'owner'))


class Vector:
    __slots__ = ('x', 'y', 'z')

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __bool__(self):
        return self.x != 0.0 or self.y != 0.0 or self.z != 0.0

    def __lt__(self, other):
        return self.x < other.x


@part(300)
def slots_and_floats():
    position, velocity = Vector(0.0, 1.0, 2.0), Vector(0.5, -0.25, 0.125)
    for step in range(2500):
        position = position + velocity * 0.01
        if position and position.dot(position) > 3.0:
            velocity = velocity * -1.0
        math.sqrt(position.dot(position)) + math.sin(step) + abs(position.x) ** 1.5
    assert min(position, velocity)


@part(200)
def calls():
    def add(a, b=1, *rest, scale=2, **names):
        return (a + b + len(rest)) * scale + len(names)

    def twice(function, *arguments, **names):
        return function(*arguments, **names) + function(*arguments, **names)

    total = 0
    for n in range(2500):
        total += add(n) + add(n, 2) + add(n, 2, 3, 4) + add(a=n, scale=3) + twice(add, n, 5, other=n)
        total += len(NAMES) + max(n, 3) + int('7') + abs(-n) + min(1, 2, 3)
        total += (lambda a, b: a - b)(n, 1)
    assert total


@part(500)
def closures_and_decorators():
    def counted(function):
        @functools.wraps(function)
        def wrapper(*arguments):
            nonlocal calls
            calls += 1
            return function(*arguments)

        return wrapper

    calls = 0

    @counted
    def ackermann(m, n):
        if m == 0:
            return n + 1
        if n == 0:
            return ackermann(m - 1, 1)
        return ackermann(m - 1, ackermann(m, n - 1))

    assert ackermann(2, 9) == 21
    multiply = functools.partial(operator.mul, 3)
    assert sum(map(multiply, range(1000))) == 1498500

    @functools.lru_cache(maxsize=200)
    def steps(n):
        return 0 if n < 2 else 1 + steps(n // 2 if n % 2 == 0 else 3 * n + 1)

    assert max(map(steps, range(1, 600)))
    assert calls


@part(1000)
def recursion():
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    assert fibonacci(17) == 1597

    def hanoi(count, source, target, spare):
        if count:
            yield from hanoi(count - 1, source, spare, target)
            yield source, target
            yield from hanoi(count - 1, spare, target, source)

    assert sum(1 for _ in hanoi(9, 'a', 'b', 'c')) == 511


@part(800)
def generators():
    def numbers(limit):
        n = 0
        while n < limit:
            sent = yield n
            n += 1 if sent is None else sent

    def pairs(items):
        previous = None
        for item in items:
            if previous is not None:
                yield previous, item
            previous = item

    def flat(items):
        for item in items:
            if isinstance(item, list):
                yield from flat(item)
            else:
                yield item

    assert sum(b - a for a, b in pairs(numbers(3000))) == 2999
    assert len(list(flat([[n, [n, [n]]] for n in range(500)]))) == 1500
    running = numbers(4000)
    next(running)
    with contextlib.suppress(StopIteration):
        while True:
            running.send(2)
    assert any(n > 2000 for n in (n * 2 for n in range(3000)))


@part(1000)
def comprehensions():
    people = [(NAMES[n % 13], n % 90, {'id': n, 'even': n % 2 == 0}) for n in range(1500)]
    adults = [name.title() for name, age, _ in people if age >= 18]
    by_name = {name: [age for other, age, _ in people[:60] if other == name] for name in NAMES}
    initials = {name[0] for name, *_ in people}
    table = [[row * column for column in range(30)] for row in range(30)]
    assert adults and by_name and len(initials) > 8
    assert [list(column) for column in zip(*table)] == table


@part(400)
def exceptions():
    class Missing(KeyError):
        def __init__(self, name):
            super().__init__(name)
            self.name = name

    def find(table, name):
        try:
            return table[name]
        except KeyError as error:
            raise Missing(name) from error
        finally:
            table['count'] += 1

    @contextlib.contextmanager
    def logged(table):
        try:
            yield table
        except Missing as error:
            table[error.name] = 1

    table = {'count': 0}
    for n in range(900):
        with logged(table):
            find(table, n % 400)
        try:
            int('x' if n % 3 == 0 else '1')
        except (ValueError, TypeError):
            table['count'] -= 1
        try:
            [].missing
        except AttributeError:
            pass
    assert table[399] == 1


@part(800)
def matching():
    def evaluate(tree):
        match tree:
            case int() | float():
                return tree
            case ('+', left, right):
                return evaluate(left) + evaluate(right)
            case ('*', left, right):
                return evaluate(left) * evaluate(right)
            case {'op': 'neg', 'value': value}:
                return -evaluate(value)
            case [first, *_] if first == 'last':
                return evaluate(tree[-1])
            case _:
                raise TypeError(tree)

    tree = ('+', 1, ('*', 2, {'op': 'neg', 'value': ('last', 9, ('+', 3, 4.5))}))
    assert sum(evaluate(tree) for _ in range(700)) == -9800


@part(80)
def tasks():
    async def produce(channel, count):
        for n in range(count):
            await channel.put(n)
        await channel.put(None)

    async def consume(channel):
        total = 0
        while (item := await channel.get()) is not None:
            total += item
        return total

    async def fan_out(depth):
        if depth == 0:
            await asyncio.sleep(0)
            return 1
        return sum(await asyncio.gather(*(fan_out(depth - 1) for _ in range(4))))

    async def ticks(count):
        for n in range(count):
            yield n

    async def main():
        channel = asyncio.Queue(maxsize=10)
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(channel, 1000))
            found = group.create_task(consume(channel))
        assert found.result() == 499500
        assert await fan_out(5) == 1024
        assert sum([n async for n in ticks(2000)]) == 1999000
        lock = asyncio.Lock()
        for _ in range(300):
            async with lock:
                pass
        await asyncio.wait_for(asyncio.sleep(0), 10)

    asyncio.run(main())


@part(60)
def classes():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self): ...

    @typing.runtime_checkable
    class HasArea(typing.Protocol):
        def area(self): ...

    class Colour(enum.Enum):
        RED = 1
        GREEN = 2

    class Access(enum.Flag):
        READ = enum.auto()
        WRITE = enum.auto()

    found = 0
    for n in range(12):

        @dataclasses.dataclass(order=True)
        class Box(Shape):
            width: int
            height: int = 1
            tags: list = dataclasses.field(default_factory=list, compare=False)

            def area(self):
                return self.width * self.height

        Point = collections.namedtuple('Point', 'x y')
        boxes = [Box(size, n) for size in range(100)]
        found += sum(isinstance(box, HasArea) and isinstance(box, Shape) for box in boxes)
        assert sorted(boxes, reverse=True)[0] == dataclasses.replace(boxes[-1])
        assert repr(boxes[3]) and dataclasses.asdict(boxes[4])
        points = [Point(size, Colour(size % 2 + 1)) for size in range(200)]
        assert sum(point.x for point in points if point.y is Colour.RED)
        assert all(Access.READ in (Access.READ | Access.WRITE) for _ in range(60))
    assert found == 1200
