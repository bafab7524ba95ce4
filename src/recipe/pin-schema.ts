import * as v from 'valibot';
import {
  check,
  choose,
  describe,
  flag,
  isMap,
  list,
  map,
  optional,
  positiveInteger,
  sha256,
  text,
  type TextForm,
} from '../data/schema.js';

/** A relative path that stays inside its folder. */
export const relativePathForm: TextForm = {
  pattern: /^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\0\n]+$/,
  wanted: 'a relative path without ".."',
};

/** The patterns of the locations of a source. */
export const locationForms = {
  version: {pattern: /^[0-9][0-9A-Za-z.+-]*$/, wanted: 'a version'},
  url: {pattern: /^https:\/\/\S+\/[^/\s?#]+$/, wanted: 'an https URL of a file'},
  debian: {
    pattern: /^pool\/[^\s?#]+\/[^/\s?#]+$/,
    wanted: 'a path below a Debian mirror: pool/...',
  },
  suite: {pattern: /^[a-z][a-z-]*$/, wanted: 'the name of a Debian suite'},
} satisfies Record<string, TextForm>;

const version = describe(
  text(locationForms.version),
  'The version, in quotes. {version}, {release}, {debian-version}, {major}, {minor} and {patch} stand for it in url and debian.',
);

const url = v.exactOptional(
  describe(
    v.pipe(
      list(text(locationForms.url)),
      check((urls: readonly string[], report) => {
        if (new Set(urls.map((url) => url.slice(url.lastIndexOf('/')))).size < 2) return;
        report('every "url" must end in the same file name: it names the file below /src');
      }),
    ),
    'Full URLs of the same bytes.',
  ),
);

const debian = {
  debian: v.exactOptional(
    describe(text(locationForms.debian), 'The path of the same bytes below any Debian mirror.'),
  ),
  suite: v.exactOptional(
    describe(text(locationForms.suite), 'The Debian suite that has the file.'),
  ),
};

const notInDebian = {
  'not-in-debian': v.exactOptional(
    describe(
      text(),
      'Why no Debian suite has this version. It is then built from the upstream sources only.',
    ),
  ),
};

const directory = v.exactOptional(
  describe(
    text(relativePathForm),
    'The folder of the unpacked tree that holds the source. Default: its top.',
  ),
);

const file = {
  sha256: describe(sha256(), 'The sha256 of the download.'),
  size: describe(positiveInteger(), 'The size of the download in bytes.'),
  date: describe(
    v.pipe(
      text({pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'an ISO day such as 2026-01-31'}),
      check((date: string, report) => {
        if (!isDay(date)) report(`invalid date ${date}`);
      }),
    ),
    "The day of the newest file in the download: the stage's SOURCE_DATE_EPOCH.",
  ),
};

const unverified = describe(
  optional(flag(), false),
  "Whether nobody could read upstream's file when it was pinned: digest and size are as others, or Debian, have them.",
);

/** The download of each source set. */
const sources = map({
  upstream: map(
    {version: v.exactOptional(version), url, ...file, directory, unverified},
    'every source set is pinned',
  ),
  debian: map(
    {version: v.exactOptional(version), ...debian, ...file, directory, unverified},
    'every source set is pinned',
  ),
});

/** The keys of a recipe that locate its source. */
export const sourceEntries = {
  version: v.exactOptional(version),
  source: v.exactOptional(
    describe(
      map({
        version: v.exactOptional(version),
        url,
        ...debian,
        sha256: v.exactOptional(file.sha256),
        size: v.exactOptional(file.size),
        date: v.exactOptional(file.date),
        directory,
        unverified: v.exactOptional(unverified),
      }),
      'The download of both source sets; with "versions", what they have in common.',
    ),
  ),
  sources: v.exactOptional(
    describe(sources, 'The download of each source set, where the sets differ.'),
  ),
  versions: v.exactOptional(
    describe(list(versionEntry(), 'a list of pins'), 'The downloads of each version.'),
  ),
};

function versionEntry() {
  const same = map({version, url, ...debian, ...notInDebian, ...file, directory, unverified});
  const separate = map({version: v.exactOptional(version), sources});
  return choose([same, separate], (input) =>
    isMap(input) && 'sources' in input ? separate : same,
  );
}

function isDay(date: string): boolean {
  const time = Date.parse(date);
  // Date.parse alone accepts 2026-02-30 as the second of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
