import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { followBluesky } from '../../../src/entry/commands/follow/bluesky.ts';
import type { NewSetting } from '../../../src/rights/setting.ts';

let server: WebSocketServer;
let folder: string;
let connections: { readonly socket: WebSocket; readonly query: URLSearchParams }[];
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-bluesky-'));
  connections = [];
  stop = new AbortController();
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket, request) => {
    connections.push({ socket, query: new URL(request.url!, 'http://x').searchParams });
  });
  await once(server, 'listening');
});
afterEach(async () => {
  stop.abort();
  for (const { socket } of connections) socket.terminate();
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true });
});

const gone = (did: string, timeUs: number) =>
  JSON.stringify({ did, time_us: timeUs, kind: 'account', account: { active: false, status: 'deleted' } });

it('writes the settings of events, keeps its position, and continues there after a lost connection', async () => {
  const written: NewSetting[] = [];
  let failures = 1;
  const cursorFile = join(folder, 'cursor');
  const following = followBluesky({
    url: new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/subscribe`),
    cursorFile,
    write: async (settings) => {
      if (failures-- > 0) throw new Error('the ledger is away');
      written.push(...settings);
    },
    say: () => {},
    signal: stop.signal,
  });
  const names = () => written.filter(({ value }) => value === 'on').map(({ subject }) => subject.name);
  await expect.poll(() => connections.length).toBe(1);
  expect(connections[0]!.query.get('wantedCollections')).toBe('org.user-intents.declaration');
  expect(connections[0]!.query.get('cursor')).toBeNull();
  connections[0]!.socket.send(gone('did:plc:a', 1_740_000_000_000_000));
  // The write fails, so the connection ends, and the position is not kept.
  await expect.poll(() => connections.length).toBe(2);
  expect(connections[1]!.query.get('cursor')).toBeNull();
  connections[1]!.socket.send('not JSON');
  connections[1]!.socket.send(gone('did:plc:a', 1_740_000_000_000_000));
  await expect.poll(names).toEqual(['did:plc:a']);
  await expect.poll(() => readFile(cursorFile, 'utf8').catch(() => '')).toBe('1740000000000000');
  connections[1]!.socket.close();
  await expect.poll(() => connections.length).toBe(3);
  expect(connections[2]!.query.get('cursor')).toBe('1739999995000000');
  connections[2]!.socket.send(gone('did:plc:b', 1_740_000_001_000_000));
  await expect.poll(names).toEqual(['did:plc:a', 'did:plc:b']);
  stop.abort();
  await following;
});
