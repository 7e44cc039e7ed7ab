import { expect, it } from 'vitest';
import { redisNodes } from '../../../src/adapters/redis/nodes.ts';

it.each([
  ['redis://h:1/2', ['redis://h:1/2']],
  ['rediss://u:p@h', ['rediss://u:p@h']],
  ['redis+cluster://h:1,i:2', ['redis://h:1', 'redis://i:2']],
  ['rediss+cluster://u:p@h:1,rediss://i:2,j', ['rediss://u:p@h:1', 'rediss://i:2', 'rediss://j']],
])('%s names its nodes', (url, nodes) => {
  expect(redisNodes(url)).toEqual(nodes);
});
