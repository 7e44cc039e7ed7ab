import { describe, expect, it } from 'vitest';
import { ReadMemory } from '../../../../../src/adapters/node/http/upstream/read-memory.ts';

describe('a slab is reused', () => {
  it('by its connection, if no part of it is lent', () => {
    const memory = new ReadMemory();
    const slab = memory.next(null);
    expect(memory.next(slab)).toBe(slab);
  });

  it('by any connection, after all lent parts are returned', () => {
    const memory = new ReadMemory();
    const slab = memory.next(null);
    slab.lent += 2;
    expect(memory.next(slab)).not.toBe(slab);
    memory.giveBack(slab.bytes.subarray(0, 10));
    expect(memory.next(null)).not.toBe(slab);
    memory.giveBack(slab.bytes.subarray(10, 20));
    expect(memory.next(null)).toBe(slab);
    expect(memory.next(null)).not.toBe(slab);
  });

  it('only by its connection, if all parts are returned before the next read', () => {
    const memory = new ReadMemory();
    const slab = memory.next(null);
    slab.lent++;
    memory.giveBack(slab.bytes.subarray(0, 10));
    expect(memory.next(null)).not.toBe(slab);
    expect(memory.next(slab)).toBe(slab);
  });
});

it('memory from elsewhere is not accepted', () => {
  const memory = new ReadMemory();
  memory.giveBack(Buffer.from('a copy'));
  expect(memory.next(null).bytes.length).toBe(65_536);
});
