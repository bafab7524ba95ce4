"""Texts, formats and libraries: what modules in C and the libraries behind them do."""

import bz2
import csv
import decimal
import hashlib
import html.parser
import io
import json
import lzma
import pathlib
import pickle
import pprint
import re
import sqlite3
import string
import struct
import tomllib
import xml.etree.ElementTree as ElementTree
import zlib

WORDS = ["ampoule", "phial", "vial", "flask", "retort", "crucible", "beaker"]
DOCUMENT = {
    "items": [
        {"id": n, "name": f"item {n}", "tags": WORDS[n % 4 : n % 7 + 1], "price": n / 7, "on": n % 2 == 0}
        for n in range(300)
    ]
}
JSON = json.dumps(DOCUMENT)
PICKLE = pickle.dumps(DOCUMENT, protocol=5)
TEXT = "\n".join(
    f"2026-11-{n % 30 + 1:02d} 12:{n % 60:02d} host-{n % 17} GET /{WORDS[n % 7]}/{n}.html?q={n} 200" for n in range(900)
)
BYTES = TEXT.encode()
XML = "<list>" + "".join(f'<item id="{n}"><name>{WORDS[n % 7]} &amp; {n}</name><size>{n}</size></item>' for n in range(700)) + "</list>"
TOML = "".join(f'[table{n}]\nname = "{WORDS[n % 7]}"\nsize = {n}\nratio = {n / 3}\ntags = ["a", "b"]\n' for n in range(60))
HTML = "<html><body>" + "".join(f'<p class="c{n}">{WORDS[n % 7]} &lt; <a href="/x?{n}">link</a></p>' for n in range(250)) + "</body></html>"
SQUEEZED = {"zlib": zlib.compress(BYTES), "bz2": bz2.compress(BYTES), "lzma": lzma.compress(BYTES)}


def json_loads():
    for _ in range(10):
        json.loads(JSON)


def json_dumps():
    for _ in range(10):
        json.dumps(DOCUMENT)


def pickling():
    for _ in range(30):
        pickle.dumps(DOCUMENT, protocol=5)


def unpickling():
    for _ in range(30):
        pickle.loads(PICKLE)


def pickling_in_python():
    stream = io.BytesIO()
    pickle._Pickler(stream, protocol=5).dump(DOCUMENT["items"][:60])
    stream.seek(0)
    pickle._Unpickler(stream).load()


def regex_search():
    for _ in range(6):
        assert len(re.findall(r"(\d+)-(\d+)-(\d+) \S+ (host-\d+) (GET|POST) (\S+?)\?(\w+)=(\d+)", TEXT)) == 900
        re.sub(r"\bhost-(\d+)\b", r"node\1", TEXT)


def regex_alternatives():
    pattern = re.compile("|".join(WORDS), re.I)
    for _ in range(6):
        assert len(pattern.findall(TEXT)) == 900


def regex_compile():
    for pattern in (r"(\d+)-(\d+)", r"[a-z_]\w*(?:\.\w+)*", r"(?P<a>x|y|z)+(?=q)(?P=a)", r"^(?:[A-Z]{2,5}|\s)+$"):
        for _ in range(3):
            re.purge()
            re.compile(pattern)


def string_methods():
    total = 0
    for line in TEXT.splitlines():
        words = line.split()
        total += len("-".join(word.upper().center(12) for word in words))
        total += line.count("h") + line.find("html") + line.replace("GET", "PUT").startswith("2026")
    assert total


def string_formatting():
    template = string.Template("$name: $size")
    for number in range(1500):
        f"{number:>8d} {number / 3:.3f} {number:#x} {WORDS[number % 7]!r}"
        "%s %5.2f %d" % (WORDS[number % 7], number / 7, number)
        "{0:<10}{name}".format(number, name="x")
        template.substitute(name="a", size=number)


def xml_parse():
    for _ in range(4):
        assert len(ElementTree.fromstring(XML)) == 700


def xml_write():
    tree = ElementTree.fromstring(XML)
    for _ in range(2):
        ElementTree.tostring(tree)


def xml_search():
    tree = ElementTree.fromstring(XML)
    for _ in range(6):
        assert len(tree.findall(".//item[@id]/name")) == 700
        assert sum(int(element.text) for element in tree.iter("size")) == 244_650


def toml_loads():
    assert len(tomllib.loads(TOML)) == 60


def html_parse():
    class Links(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.links = 0

        def handle_starttag(self, tag, attrs):
            self.links += tag == "a"

    parser = Links()
    parser.feed(HTML)
    assert parser.links == 250


def csv_rows():
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerows((n, WORDS[n % 7], n / 3, 'a "quoted" text') for n in range(2500))
    stream.seek(0)
    assert sum(1 for _ in csv.DictReader(stream, "abcd")) == 2500


def sqlite():
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (id integer primary key, word text, size real)")
        connection.executemany("insert into t values (?, ?, ?)", ((n, WORDS[n % 7], n / 3) for n in range(3000)))
        connection.execute("create index i on t (word)")
        for _ in range(5):
            connection.execute("select word, sum(size), count(*) from t where size > 100 group by word").fetchall()
    connection.close()


def decimals():
    context = decimal.Context(prec=30)
    total = decimal.Decimal(0)
    cent = decimal.Decimal("0.01")
    for number in range(6000):
        price = decimal.Decimal(number) * decimal.Decimal("0.0125")
        total = context.add(total, price.quantize(cent) + price / 3)
    assert total > 0


def structures():
    packer = struct.Struct("<IhhQd")
    records = [packer.pack(n, n % 100, -1, n * n, n / 3) for n in range(8000)]
    assert sum(packer.unpack(record)[0] for record in records) == 31_996_000
    assert len(list(packer.iter_unpack(b"".join(records)))) == 8000


def hashes():
    for name in ("md5", "sha1", "sha256", "sha3_256", "blake2b"):
        for _ in range(4):
            hashlib.new(name, BYTES).hexdigest()
    for word in WORDS * 300:
        hashlib.sha256(word.encode()).digest()


def zlib_both_ways():
    zlib.compress(BYTES)
    for _ in range(6):
        zlib.decompress(SQUEEZED["zlib"])
        zlib.crc32(BYTES)


def bz2_both_ways():
    bz2.compress(BYTES)
    bz2.decompress(SQUEEZED["bz2"])


def lzma_both_ways():
    lzma.compress(BYTES, preset=1)
    for _ in range(3):
        lzma.decompress(SQUEEZED["lzma"])


def sorting():
    rows = [(n * 7919 % 1009, WORDS[n % 7], n * 104729 % 7919 / 3) for n in range(6000)]
    rows.sort()
    rows.sort(key=lambda row: row[2])
    rows.sort(key=lambda row: (row[1][-1], -row[0]))


def dictionaries():
    counts = {}
    for word in TEXT.split() * 3:
        counts[word] = counts.get(word, 0) + 1
    merged = {**counts, **dict.fromkeys(range(2000))}
    assert len(merged) > 2000 and len(set(counts) | set(range(5000))) > 5000


def paths():
    root = pathlib.PurePosixPath("/usr/lib/python3")
    for number in range(1200):
        path = root / f"package{number % 50}" / "module.py"
        assert path.with_suffix(".pyc").relative_to(root).parts
        path.parent.joinpath("..", "other").as_posix()


def pretty_printing():
    pprint.pformat(DOCUMENT["items"][:25])


PROGRAMS = {
    program.__name__: program
    for program in (
        json_loads,
        json_dumps,
        pickling,
        unpickling,
        pickling_in_python,
        regex_search,
        regex_alternatives,
        regex_compile,
        string_methods,
        string_formatting,
        xml_parse,
        xml_write,
        xml_search,
        toml_loads,
        html_parse,
        csv_rows,
        sqlite,
        decimals,
        structures,
        hashes,
        zlib_both_ways,
        bz2_both_ways,
        lzma_both_ways,
        sorting,
        dictionaries,
        paths,
        pretty_printing,
    )
}
