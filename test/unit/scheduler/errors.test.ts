import {afterEach, describe, expect, it} from 'vitest';
import {nameOwnCommand} from '../../../src/core/own-command.js';
import {StageFailedError} from '../../../src/scheduler/errors.js';

afterEach(() => nameOwnCommand({asTyped: 'ampoule', anywhere: 'ampoule'}));

describe('the error of a failed stage', () => {
  it('quotes the command that a script advises as this user types it', () => {
    nameOwnCommand({asTyped: './ampoule', anywhere: '/here/ampoule'});

    const {message} = new StageFailedError('cpython', {
      ...{reason: 'exit code 1', logPath: '/log', workspacePath: '/work', hasSandbox: false},
      lastLines: ['error: 3 % fit', '  train again: ampoule profile train 3.14', 'ampoule x'],
      ...{space: undefined, rerun: {store: '', plan: ''}},
    });

    expect(message).toContain(
      '\n  | error: 3 % fit\n  |   train again: ./ampoule profile train 3.14\n  | ampoule x\n',
    );
  });
});
