import { expect, test } from 'vitest';
import { parentsFirst } from '../../../../src/adapters/postgres/copy/parents-first.ts';

test('each table comes after all that it references', () => {
  const references = [
    { child: 'a', parent: 'c' },
    { child: 'b', parent: 'a' },
    { child: 'b', parent: 'b' },
  ];
  expect(parentsFirst(['a', 'b', 'c', 'd'], references)).toEqual(['c', 'd', 'a', 'b']);
});

test('a circle of references is an error', () => {
  const references = [
    { child: 'a', parent: 'b' },
    { child: 'b', parent: 'a' },
  ];
  expect(() => parentsFirst(['a', 'b', 'c'], references)).toThrow('the tables a, b reference each other');
});
