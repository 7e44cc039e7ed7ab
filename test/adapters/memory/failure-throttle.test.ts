import { expect, test } from 'vitest';
import { memoryFailureThrottle } from '../../../src/adapters/memory/failure-throttle.ts';

test('blocks a peer after its failures, and no other peer, and admits it again later', async () => {
  const throttle = memoryFailureThrottle({ failures: 3, seconds: 1 });
  for (let n = 0; n < 3; n++) {
    expect(await throttle.blockedSeconds('192.0.2.1')).toBe(0);
    await throttle.failed('192.0.2.1');
  }
  expect(await throttle.blockedSeconds('192.0.2.1')).toBe(1);
  expect(await throttle.blockedSeconds('192.0.2.2')).toBe(0);
  await expect.poll(() => throttle.blockedSeconds('192.0.2.1'), { timeout: 5000 }).toBe(0);
});

test('stays blocked while more attempts fail at once', async () => {
  const throttle = memoryFailureThrottle({ failures: 2 });
  await Promise.all(Array.from({ length: 20 }, () => throttle.failed('192.0.2.1')));
  expect(await throttle.blockedSeconds('192.0.2.1')).toBeGreaterThan(0);
});

test.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:db8:1:102::1', false],
  ['::ffff:192.0.2.1', '192.0.2.1', true],
])('%s and %s are one peer: %j', async (first, second, one) => {
  const throttle = memoryFailureThrottle({ failures: 1 });
  await throttle.failed(first);
  expect((await throttle.blockedSeconds(second)) > 0).toBe(one);
});
