"""Numbers, containers, iterators, and the collector of garbage."""

import bisect
import collections
import copy
import functools
import gc
import heapq
import itertools
import math
import operator
import weakref

from train_parts import NAMES, part


@part(600)
def integers():
    crossed = bytearray(b'\1') * 8000
    for n in range(2, 90):
        if crossed[n]:
            crossed[n * n :: n] = bytes(len(range(n * n, 8000, n)))
    assert sum(crossed) > 1000
    hashed = 0
    for n in range(5000):
        hashed = (hashed * 33 ^ n) & 0xFFFFFFFF
        if hashed % 7 < 3 and hashed >> 3 > n or hashed // 5 == 0:
            hashed += 1
    for n in range(200):
        math.gcd(hashed, n + 1) + pow(n, 65537, 1_000_003) + n.bit_length()
        int(str(n * hashed)) + int(hex(n), 16)


@part(1000)
def big_integers():
    a, b = 1, 1
    for _ in range(1500):
        a, b = b, a + b
    number = 3**900
    for n in range(1, 400):
        number = number * n % (7**500) + a // (n + 1)
    assert str(number) and int(str(a)) == a
    assert math.factorial(300) // math.factorial(298) == 89700
    assert pow(a, b % 1000, 10**60) >= 0


@part(600)
def float_loops():
    size = 24
    matrix = [[1.0 / (row + column + 1) for column in range(size)] for row in range(size)]
    vector = [1.0] * size
    for _ in range(5):
        vector = [sum(a * b for a, b in zip(row, vector)) for row in matrix]
        norm = math.sqrt(math.fsum(value * value for value in vector))
        vector = [value / norm for value in vector]
    total = 0.0
    for row in range(30):
        c = complex(-0.7, row / 40)
        z = 0j
        for n in range(30):
            z = z * z + c
            if abs(z) > 2.0:
                total += n
                break
    x = 0.5
    for n in range(2500):
        x = 3.7 * x * (1.0 - x)
        if x < 0.2 or x > 0.9:
            total -= x
        total += round(x, 3) + math.floor(x * 10)
    assert total and float(repr(total)) == total and f'{total:.3e}'


@part(600)
def collections_of_things():
    words = [NAMES[n * 7 % 13] + str(n % 40) for n in range(1500)]
    counts = collections.Counter(words)
    groups = collections.defaultdict(list)
    for word in words:
        groups[word[0]].append(word)
        counts[word] += 1
    line = collections.deque(maxlen=50)
    for word in words:
        line.append(word)
        if len(line) > 40:
            line.popleft()
    order = {word: index for index, word in enumerate(sorted(set(words)))}
    assert [word for word, _ in sorted(order.items(), key=lambda item: (-item[1], item[0]))]
    merged = {**order, **counts} | {'last': 0}
    for key in list(merged):
        if merged.get(key, 0) % 2 and key in order:
            del merged[key]
    merged.setdefault('first', 1)
    merged.update(zip(words, range(100)))
    assert set(order) - set(words[:50]) and frozenset(words) & {'x', *words[:3]}
    items = list(range(400))
    for n in range(300):
        items.insert(n % 50, n)
        items.pop()
        items[n % 7], items[-1] = items[-1], items[n % 7]
    items[10:20] = items[100:150]
    items.reverse()
    items.remove(5)
    assert items.index(7) and items.count(3) and items[::3] + items[5:-5]


@part(200)
def sorting():
    rows = [(n * 7919 % 1009, NAMES[n % 13], n / 7) for n in range(2500)]
    rows.sort()
    rows.sort(key=operator.itemgetter(1, 2), reverse=True)
    sorted(rows, key=lambda row: row[0] % 50)
    sorted(str(row[0]) for row in rows)
    sorted(row[2] for row in rows)
    heap = []
    for row in rows[:1200]:
        heapq.heappush(heap, row)
    while heap:
        heapq.heappop(heap)
    assert heapq.nsmallest(5, rows) and list(heapq.merge(range(500), range(300)))
    marks = sorted(row[0] for row in rows)
    for n in range(1500):
        bisect.insort(marks, n) if n % 10 == 0 else bisect.bisect_left(marks, n)


@part(1000)
def iteration():
    assert sum(1 for _ in itertools.permutations(range(6))) == 720
    assert sum(a * b for a, b in itertools.product(range(25), repeat=2)) == 90000
    assert len(list(itertools.chain.from_iterable(itertools.combinations(range(8), n) for n in range(9)))) == 256
    for key, group in itertools.groupby(sorted(NAMES * 20), key=lambda name: name[0]):
        assert key and list(group)
    assert list(itertools.islice(itertools.accumulate(itertools.count(1)), 600))[-1] == 180300
    assert list(itertools.pairwise(range(1000)))
    assert len(list(filter(None, map(operator.mod, range(1500), itertools.cycle((2, 3)))))) == 500
    for index, (left, right) in enumerate(zip(range(1500), reversed(range(1500)))):
        if left == right == index:
            break
    assert functools.reduce(lambda a, b: a ^ b, range(1500)) is not None


@part(100)
def copies_and_garbage():
    class Node:
        def __init__(self, value, parent=None):
            self.value = value
            self.parent = parent
            self.children = []

    def grow(depth, parent=None):
        node = Node({'depth': depth, 'name': NAMES[depth]}, parent)
        if depth:
            node.children = [grow(depth - 1, node) for _ in range(3)]
        return node

    tree = grow(5)
    references = [weakref.ref(tree)]
    copied = copy.deepcopy({'tree': tree, 'list': [1, (2, 3), {4}]})
    assert copied and copy.copy(tree).value is tree.value
    for _ in range(3):
        grow(4)
    del tree, copied
    gc.collect()
    assert references[0]() is None
