import {expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {buildGraph} from '../../../src/graph/graph.js';
import {wallSeconds} from '../../../src/scheduler/wall-time.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

const needing = (id: string, inputs: readonly string[]) =>
  sandboxStage(id, {mounts: [{guestPath: '/deps', stages: inputs}]});

it.each<[string, Record<string, number>, number, number]>([
  ['nothing runs', {}, 2, 0],
  ['one stage runs', {a: 10}, 2, 10],
  ['two run side by side', {a: 10, b: 20}, 2, 20],
  ['there is one slot only', {a: 10, b: 20}, 1, 30],
  ['the third waits for a slot', {a: 10, b: 20, c: 30}, 2, 40],
  ['the last needs the others', {a: 10, b: 20, end: 5}, 4, 25],
  ['what is between them is in the store', {rootfs: 10, end: 5}, 4, 15],
])('the time of a graph, if %s', (_title, seconds, slots, wanted) => {
  const stages = ['a', 'b', 'c'].map((id) => needing(id, []));
  const graph = valueOrThrow(
    buildGraph([hostStage('rootfs'), ...stages, needing('end', ['a', 'b', 'c'])]),
  );

  expect(wallSeconds(graph, new Map(Object.entries(seconds)), slots)).toBe(wanted);
});
