import type {RawMember} from './raw-tar.js';

/** The PYTHON.json of an archive that `ampoule test` would go on with. */
export const pythonJsonMember: RawMember = {
  name: 'python/PYTHON.json',
  content: JSON.stringify({
    python_version: '3.14.7',
    target_triple: 'x86_64-unknown-linux-gnu',
    build_options: 'noopt',
    python_exe: 'install/bin/python3.14',
    python_paths: {stdlib: 'install/lib/python3.14'},
  }),
};
