"""Texts and formats: strings, regular expressions, JSON, XML, tables."""

import collections
import configparser
import csv
import datetime
import difflib
import email
import html.parser
import io
import json
import pickle
import re
import shlex
import string
import textwrap
import unicodedata
import urllib.parse
import xml.etree.ElementTree as ElementTree

from train_language import Account
from train_parts import NAMES, part

TEXT = '\n'.join(
    f'{NAMES[n % 13].title()} and {NAMES[n * 5 % 13]}, {n} of them; "{n / 8:.2f}" grams (<{NAMES[n * 3 % 13]}@garden.example>).'
    for n in range(400)
)


@part(500)
def strings():
    seen = 0
    for line in TEXT.splitlines():
        first, _, rest = line.partition(' ')
        words = rest.strip().lower().split()
        seen += len(' '.join(words)) + line.find('grams') + rest.count('a') + rest.rfind('@')
        if first.startswith(('Am', 'Ba')) or rest.endswith(').') and first.isalpha():
            seen += len(line.replace('grams', 'kilos').upper()) + len(rest.split(', ', 1)[-1])
        seen += ord(line[0]) + len(line[2:-2]) + ('basil' in line) + (first == 'Cedar') + len(first * 3)
        seen += len(first.ljust(12) + words[0].rjust(10) + words[-1].zfill(20)) + len(line.translate({97: 'b'}))
        for character in first:
            if character.isupper() or character in 'aeiou':
                seen += 1
    built = ''
    for n in range(800):
        built += str(n) + ','
    assert seen and built


@part(200)
def formatting():
    for n in range(700):
        f'{n:>6} {n / 7:8.3f} {NAMES[n % 13]!r:12} {n:,} {n:#06x} {n / 3!s}'
        '%s=%d (%.2f) %-8r' % (NAMES[n % 13], n, n / 9, 'x')
        '{0}/{name:<8}/{1:+d}'.format(n, n * 2, name='y')
        str(n / 3) + repr([n, 'a', None]) + str({'k': n, 't': (n, 1.5)})
    textwrap.fill(TEXT[:2000], width=60)
    assert string.Template('$a and ${b}').substitute(a=1, b=2)


@part(1000)
def unicode_texts():
    mixed = TEXT[:4000] + 'Größe, naïve façade – Ωμέγα, русский текст, 日本語の文章, 🌿🌱 ' * 30
    for encoding in ('utf-8', 'utf-16', 'utf-32'):
        assert mixed.encode(encoding).decode(encoding) == mixed
    plain = TEXT.encode('ascii')
    for _ in range(10):
        assert plain.decode('utf-8') and plain.decode('latin-1').encode('latin-1')
        assert mixed.encode('ascii', 'replace') and mixed.encode('utf-8')
    assert mixed.casefold() and unicodedata.normalize('NFKD', mixed) and mixed.title()
    for word in mixed.split():
        word.isidentifier() or word.isdigit()
        word.find('ü')
        word.lower() == word


@part(200)
def expressions():
    address = re.compile(r'<(?P<name>[\w.]+)@(?P<host>[\w.-]+)>')
    assert len([found['name'] for found in address.finditer(TEXT)]) == 400
    assert re.sub(r'\b(\w)(\w+)\b', lambda found: found[1].upper() + found[2], TEXT[:6000])
    scanner = re.compile(r'(?P<number>\d+(?:\.\d+)?)|(?P<word>[a-z]+)|(?P<mark>[;,.()"<>@])|(?P<blank>\s+)', re.IGNORECASE)
    assert collections.Counter(found.lastgroup for found in scanner.finditer(TEXT[:9000]))
    for line in TEXT.splitlines():
        assert re.match(r'[A-Z][a-z]+ and', line) and not re.search(r'^\s*#', line)
        re.search(r'(maple|lilac|kale).*grams', line)
        re.fullmatch(r'.*?"([^"]*)".*', line)
    assert re.split(r'[;,]\s*', TEXT[:6000]) and re.findall(r'(?<=")\d+\.\d+(?=")', TEXT)
    assert re.findall(r'(?m)^\w+(?= and)|garden$', TEXT)


@part(1000)
def compiled_expressions():
    for pattern in (
        r'^(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:T(?P<time>[\d:.]+)(?:Z|[+-]\d\d:\d\d)?)?$',
        r'\A(?:[^"\\]|\\.)*?(?=")|[äöü]{1,3}',
        r'(?i:select|insert|update)\s+(?!into)(\w+|\*)',
    ):
        for flags in (0, re.IGNORECASE, re.MULTILINE | re.DOTALL):
            re.purge()
            re.compile(pattern, flags)


@part(200)
def json_texts():
    document = {
        'version': 3,
        'plants': [
            {'id': n, 'name': NAMES[n % 13], 'weights': [n / 8, n * 1.5, -n], 'label': f'"{n}"\n\u00e9', 'dry': n % 3 == 0, 'note': None}
            for n in range(250)
        ],
    }
    text = json.dumps(document)
    assert json.loads(text) == document
    assert json.loads(text.encode()) and json.loads(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True))
    for plant in document['plants']:
        json.loads(json.dumps(plant, separators=(',', ':')))


@part(500)
def pickles():
    document = [
        {'name': NAMES[n % 13], 'when': datetime.date(2020, n % 12 + 1, 1), 'values': (n, n / 3, None, True), 'bytes': b'x' * (n % 50)}
        for n in range(250)
    ]
    for protocol in (2, 5):
        assert pickle.loads(pickle.dumps(document, protocol)) == document
    accounts = [Account(NAMES[n % 13], n) for n in range(150)]
    assert pickle.loads(pickle.dumps(accounts)) == accounts


@part(100)
def xml_texts():
    root = ElementTree.Element('garden', {'name': 'north'})
    for n in range(400):
        bed = ElementTree.SubElement(root, 'bed', {'id': str(n), 'kind': NAMES[n % 13]})
        ElementTree.SubElement(bed, 'plant').text = f'{NAMES[n * 3 % 13]} & "{n}" < {n + 1}'
        ElementTree.SubElement(bed, 'depth').text = str(n / 4)
    text = ElementTree.tostring(root, encoding='unicode')
    for source in (text, text.encode(), text.replace('<bed', '\n  <bed')):
        again = ElementTree.fromstring(source)
    assert len(again.findall("./bed[@kind='iris']")) and again.find('.//depth') is not None
    for _, element in ElementTree.iterparse(io.BytesIO(text.encode())):
        element.get('id')
    assert sum(float(element.text) for element in again.iter('depth'))


@part(80)
def markup_and_settings():
    class Titles(html.parser.HTMLParser):
        def __init__(self):
            super().__init__()
            self.found = []

        def handle_starttag(self, tag, attributes):
            self.found.append(dict(attributes).get('title'))

        def handle_data(self, data):
            self.found.append(data.strip())

    parser = Titles()
    parser.feed(''.join(f'<div title="{name}" class=x><b>{name}</b> &amp; more<br></div>' for name in NAMES * 8))
    assert parser.found
    settings = configparser.ConfigParser()
    settings.read_string(''.join(f'[part{n}]\nname = {NAMES[n % 13]}\nsize: {n}\n# nothing\n' for n in range(60)))
    assert settings.getint('part7', 'size') == 7
    message = email.message_from_string('From: a@b.example\nSubject: =?utf-8?q?h=C3=A9?=\nTo: c@d.example\n\n' + TEXT[:2000])
    assert message['subject'] and message.as_string()
    for n in range(150):
        url = urllib.parse.urlsplit(f'https://user@host.example:80{n % 10}/a/b{n}?x={n}&y=%20z#end')
        assert urllib.parse.parse_qs(url.query) and urllib.parse.urljoin(url.geturl(), '../c?d') and urllib.parse.quote('ä b/c')
        shlex.split(f'run --name="{n} x" \'a b\' c')
    assert list(difflib.unified_diff(TEXT[:3000].splitlines(), TEXT[300:3300].splitlines()))


@part(400)
def tables():
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ['name', 'size', 'note'])
    writer.writeheader()
    for n in range(500):
        writer.writerow({'name': NAMES[n % 13], 'size': n / 4, 'note': 'says "hello", twice' if n % 5 == 0 else ''})
    stream.seek(0)
    assert sum(float(row['size']) for row in csv.DictReader(stream)) == 31187.5
    assert len(list(csv.reader(TEXT.splitlines(), delimiter=';'))) == 400
