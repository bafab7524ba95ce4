"""Numbers, searches and simulations: what the interpreter itself does, without modules in C."""

import math


def nqueens():
    def place(row, columns, rising, falling, size):
        if row == size:
            return 1
        found = 0
        for column in range(size):
            if columns >> column & 1 or rising >> (row + column) & 1:
                continue
            if falling >> (row - column + size) & 1:
                continue
            found += place(
                row + 1,
                columns | 1 << column,
                rising | 1 << (row + column),
                falling | 1 << (row - column + size),
                size,
            )
        return found

    assert place(0, 0, 0, 0, 7) == 40


def permutations():
    size = 6
    count = 0
    for skip in range(size):
        rest = [number for number in range(size) if number != skip]

        def permute(head, tail):
            nonlocal count
            if not tail:
                count += 1
            for index, number in enumerate(tail):
                permute((*head, number), tail[:index] + tail[index + 1 :])

        permute((skip,), rest)
    assert count == 720


def pancakes():
    size = 7
    order = list(range(size))
    counts = [0] * size
    most = 0
    position = 0
    while position < size:
        if counts[position] < position:
            other = 0 if position % 2 == 0 else counts[position]
            order[other], order[position] = order[position], order[other]
            turned = order[:]
            flips = 0
            while (first := turned[0]) != 0:
                turned[: first + 1] = turned[first::-1]
                flips += 1
            most = max(most, flips)
            counts[position] += 1
            position = 0
        else:
            counts[position] = 0
            position += 1
    assert most == 16


def nbody():
    bodies = [
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 39.47],
        [[4.84, -1.16, -0.10], [0.60, 2.81, -0.02], 0.037],
        [[8.34, 4.12, -0.40], [-1.01, 1.82, 0.008], 0.011],
        [[12.89, -15.11, -0.22], [1.08, 0.86, -0.01], 0.0017],
    ]
    pairs = [(one, other) for index, one in enumerate(bodies) for other in bodies[index + 1 :]]
    for _ in range(1200):
        for (p, v, mass), (q, w, other_mass) in pairs:
            x, y, z = p[0] - q[0], p[1] - q[1], p[2] - q[2]
            pull = 0.001 * (x * x + y * y + z * z) ** -1.5
            here, there = mass * pull, other_mass * pull
            v[0] -= x * there
            v[1] -= y * there
            v[2] -= z * there
            w[0] += x * here
            w[1] += y * here
            w[2] += z * here
        for place, speed, _mass in bodies:
            place[0] += 0.001 * speed[0]
            place[1] += 0.001 * speed[1]
            place[2] += 0.001 * speed[2]


def spectral_norm():
    def element(i, j):
        return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)

    def times(vector):
        size = range(len(vector))
        return [sum(element(i, j) * vector[j] for j in size) for i in size]

    vector = [1.0] * 60
    for _ in range(3):
        vector = times(vector)
    assert vector[0] > 1


def pidigits():
    digits = []
    q, r, t, k, n, x = 1, 0, 1, 1, 3, 3
    while len(digits) < 400:
        if 4 * q + r - t < n * t:
            digits.append(n)
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, n = q * k, (2 * q + r) * x, t * x, (q * (7 * k + 2) + r * x) // (t * x)
            k, x = k + 1, x + 2
    assert digits[:6] == [3, 1, 4, 1, 5, 9]


def float_objects():
    class Point:
        def __init__(self, number):
            self.x = math.sin(number)
            self.y = math.cos(number) * 3
            self.z = self.x * self.x / 2

        def normalize(self):
            length = math.sqrt(self.x**2 + self.y**2 + self.z**2)
            self.x /= length
            self.y /= length
            self.z /= length

        def greatest(self, other):
            self.x = max(self.x, other.x)
            self.y = max(self.y, other.y)
            self.z = max(self.z, other.z)
            return self

    points = [Point(number) for number in range(8000)]
    for point in points:
        point.normalize()
    greatest = points[0]
    for point in points:
        greatest = greatest.greatest(point)
    assert greatest.x <= 1


def mandelbrot():
    inside = 0
    for row in range(60):
        for column in range(60):
            point = complex(column / 30 - 1.5, row / 30 - 1)
            value = 0j
            for _ in range(40):
                value = value * value + point
                if abs(value) > 2:
                    break
            else:
                inside += 1
    assert inside > 500


def life():
    cells = {(x, y) for x in range(40) for y in range(40) if (x * 7 + y * 13) % 5 < 2}
    for _ in range(8):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        key = (x + dx, y + dy)
                        counts[key] = counts.get(key, 0) + 1
        cells = {
            cell for cell, count in counts.items() if count == 3 or (count == 2 and cell in cells)
        }
    assert cells


def sieve():
    limit = 120_000
    flags = bytearray([1]) * limit
    for number in range(2, int(limit**0.5) + 1):
        if flags[number]:
            flags[number * number :: number] = bytes(len(range(number * number, limit, number)))
    total = 0
    for number in range(2, limit):
        if flags[number]:
            total += number
    assert total > 0


def matrices():
    size = 60
    rows = [[(i * j + i) % 7 - 3.0 + (4 * size if i == j else 0) for j in range(size)] for i in range(size)]
    for pivot in range(size):
        for row in range(pivot + 1, size):
            factor = rows[row][pivot] / rows[pivot][pivot]
            base, changed = rows[pivot], rows[row]
            for column in range(pivot, size):
                changed[column] -= factor * base[column]
    assert rows[-1][-1] != 0


def scheduler():
    class Task:
        def __init__(self, name, work):
            self.name = name
            self.work = work
            self.inbox = []
            self.next = None

        def run(self):
            raise NotImplementedError

    class Sender(Task):
        def run(self):
            self.work -= 1
            self.next.inbox.append(self.name)
            return self.work > 0

    class Worker(Task):
        def run(self):
            while self.inbox:
                self.next.inbox.append(self.inbox.pop() * 2)
            self.work -= 1
            return self.work > 0

    class Device(Task):
        def __init__(self, name, work):
            super().__init__(name, work)
            self.sum = 0

        def run(self):
            while self.inbox:
                self.sum += self.inbox.pop()
            self.work -= 1
            return self.work > 0

    tasks = [kind(index, 3000) for index, kind in enumerate((Sender, Worker, Sender, Worker, Device))]
    for task, following in zip(tasks, tasks[1:]):
        task.next = following
    device = tasks[-1]
    while tasks:
        tasks = [task for task in tasks if task.run()]
    assert device.sum > 0


def shortest_paths():
    import heapq

    size = 45
    weight = {(x, y): (x * 31 + y * 17) % 9 + 1 for x in range(size) for y in range(size)}
    distance = {(0, 0): 0}
    queue = [(0, (0, 0))]
    while queue:
        far, (x, y) = heapq.heappop(queue)
        if far > distance[(x, y)]:
            continue
        for place in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)):
            if place in weight and (new := far + weight[place]) < distance.get(place, 1 << 30):
                distance[place] = new
                heapq.heappush(queue, (new, place))
    assert len(distance) == size * size


PROGRAMS = {
    program.__name__: program
    for program in (
        nqueens,
        permutations,
        pancakes,
        nbody,
        spectral_norm,
        pidigits,
        float_objects,
        mandelbrot,
        life,
        sieve,
        matrices,
        scheduler,
        shortest_paths,
    )
}
