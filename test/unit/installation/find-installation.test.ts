import {rm} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {InputError} from '../../../src/core/errors.js';
import {findInstallation, isTree} from '../../../src/installation/find-installation.js';
import {interpreterShape, makeTree, sysconfigData} from '../../support/python-tree.js';

const prefix = {
  'bin/python3.14': interpreterShape(),
  'bin/python3': {link: 'python3.14'},
  'lib/python3.14/os.py': '',
};

async function mistakeOf(given: string): Promise<string> {
  const error: unknown = await findInstallation(given).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(path.dirname(given), '<above>');
}

describe('a Python is found', () => {
  it('in a prefix, by the folder, by the interpreter and by a link to it', async () => {
    await using tree = await makeTree(prefix);
    const at = (name: string) => path.join(tree.hostPath, name);

    for (const given of ['', 'bin/python3.14', 'bin/python3']) {
      expect(await isTree(at(given))).toBe(true);
      expect(await findInstallation(at(given))).toMatchObject({
        layout: 'prefix',
        prefix: tree.hostPath,
        executable: at('bin/python3.14'),
        standardLibrary: at('lib/python3.14'),
        majorMinor: '3.14',
      });
    }
  });

  it('in lib64, with free threading, and as a debug build', async () => {
    await using tree = await makeTree({
      'bin/python3.14td': interpreterShape(),
      'lib64/python3.14t/os.py': '',
      'lib64/python3.14t/_sysconfigdata_td_linux_x86_64-linux-gnu.py': sysconfigData({
        ABIFLAGS: 'td',
      }),
    });

    const found = await findInstallation(tree.hostPath);

    expect(path.basename(found.executable)).toBe('python3.14td');
    expect(found.sysconfig.get('ABIFLAGS')).toBe('td');
  });

  it('in the unpacked python/ of a full archive', async () => {
    await using tree = await makeTree({
      'PYTHON.json': '{}',
      'install/bin/python3.14': interpreterShape(),
      'install/lib/python3.14/os.py': '',
    });

    expect(await findInstallation(tree.hostPath)).toMatchObject({
      layout: 'full archive',
      prefix: path.join(tree.hostPath, 'install'),
    });
  });

  it('in a build folder, with the standard library of its sources', async () => {
    await using tree = await makeTree({
      'source/Lib/os.py': '',
      'build/python': interpreterShape(),
      'build/pybuilddir.txt': 'build/lib.linux-x86_64-3.14-pydebug',
      'build/build/lib.linux-x86_64-3.14-pydebug/_sysconfigdata_d_linux_x86_64-linux-gnu.py':
        sysconfigData({VERSION: '3.14', srcdir: '../source', BUILDPYTHON: 'python'}),
    });
    const folder = path.join(tree.hostPath, 'build');

    expect(await findInstallation(folder)).toMatchObject({
      layout: 'build folder',
      executable: path.join(folder, 'python'),
      standardLibrary: path.join(tree.hostPath, 'source/Lib'),
      dynamicLoad: path.join(folder, 'build/lib.linux-x86_64-3.14-pydebug'),
      configuration: path.join(folder, 'Modules'),
    });
  });

  it('although its sysconfig cannot be read, which it says', async () => {
    const data = 'lib/python3.14/_sysconfigdata__linux_x86_64-linux-gnu.py';
    await using tree = await makeTree({...prefix, [data]: 'import os\n'});

    const found = await findInstallation(tree.hostPath);

    expect(found.sysconfig.size).toBe(0);
    expect(found.sysconfigProblem).toContain('expected the first line');
  });
});

describe('what is no Python is refused', () => {
  it('a virtual environment, with the name of its base', async () => {
    await using tree = await makeTree({
      'pyvenv.cfg': 'home = /opt/python/bin\nversion = 3.14.7\n',
      'bin/python': interpreterShape(),
    });

    for (const given of ['', 'bin/python']) {
      const message = await mistakeOf(path.join(tree.hostPath, given));
      expect(message).toContain('is a virtual environment');
      expect(message).toContain('Next: name its base, /opt/python.');
    }
  });

  it('a folder with several, which are named', async () => {
    await using tree = await makeTree({
      ...prefix,
      'bin/python3.13': interpreterShape(),
      'lib/python3.13/os.py': '',
    });

    const message = await mistakeOf(tree.hostPath);

    expect(message).toContain('holds several Pythons: 3.13, 3.14.');
    expect(message).toContain('bin/python3.13.');
    const one = await findInstallation(path.join(tree.hostPath, 'bin/python3.13'));
    expect(one.majorMinor).toBe('3.13');
  });

  it('a folder without one, with what was expected and found', async () => {
    await using tree = await makeTree({'some/file': '', another: ''});

    const message = await mistakeOf(tree.hostPath);

    expect(message).toContain('holds no Python: expected lib/pythonX.Y/os.py');
    expect(message).toContain('Found: another, some.');
  });

  it('the folder above one, with the name of the right one', async () => {
    await using tree = await makeTree({
      'python/bin/python3.14': interpreterShape(),
      'python/lib/python3.14/os.py': '',
    });

    const given = tree.hostPath;
    expect(await mistakeOf(given)).toContain(`Next: name <above>/${path.basename(given)}/python`);
  });

  it('a standard library without an interpreter', async () => {
    await using tree = await makeTree({'lib/python3.14/os.py': '', 'bin/pip3': ''});

    const message = await mistakeOf(tree.hostPath);

    expect(message).toContain('no interpreter: expected bin/python3.14.');
    expect(message).toContain('pip3');
  });

  it('another program', async () => {
    await using tree = await makeTree({...prefix, 'bin/tool': interpreterShape()});

    const message = await mistakeOf(path.join(tree.hostPath, 'bin/tool'));

    expect(message).toContain('is a program, but not the interpreter of an installed Python');
  });

  it('sources without a build, and a build that has not come to its end', async () => {
    await using tree = await makeTree({
      'source/Include/patchlevel.h': '',
      'build/pybuilddir.txt': 'build/lib',
      'build/Makefile.pre': '',
    });

    expect(await mistakeOf(path.join(tree.hostPath, 'source'))).toContain(
      'is a source tree of CPython without a build in it',
    );
    const message = await mistakeOf(path.join(tree.hostPath, 'build'));
    expect(message).toContain('is a build folder of CPython that is not complete');
    expect(message).toContain('there is no interpreter');
    await rm(path.join(tree.hostPath, 'build/pybuilddir.txt'));
    expect(await mistakeOf(path.join(tree.hostPath, 'build'))).toContain(
      'is not complete: there is no pybuilddir.txt',
    );
  });
});
