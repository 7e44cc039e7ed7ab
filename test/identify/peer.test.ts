import { expect, test } from 'vitest';
import { trustedProxies } from '../../src/identify/client-address.ts';
import { peerReader } from '../../src/identify/peer.ts';

test.each([
  ['10.0.0.1', { address: '10.0.0.1', trusted: true }],
  ['::ffff:10.0.0.1', { address: '10.0.0.1', trusted: true }],
  ['203.0.113.7', { address: '203.0.113.7', trusted: false }],
  [undefined, { address: 'unknown', trusted: false }],
])('%s is %o, asked once or twice', (remote, expected) => {
  const read = peerReader(trustedProxies(['private']));
  expect([read(remote), read(remote)]).toEqual([expected, expected]);
});
