import type { Usage } from '../../src/meter/usage.ts';

export function usageOf(some: Partial<Usage> = {}): Usage {
  return {
    clientId: 'client',
    identifierId: 'key',
    bucketMs: 0,
    posts: 1,
    requests: 1,
    refused: 0,
    bytes: 10,
    uncounted: 0,
    ...some,
  };
}
