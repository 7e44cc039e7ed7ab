import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { reloadConfig } from '../../src/config/reload.ts';
import type { Config } from '../../src/config/schema.ts';

function configOf(fields: object): Config {
  const result = parseConfig(JSON.stringify({ routes: [], ...fields }));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

test('a configuration that did not change applies nothing', () => {
  const config = configOf({ listen: { maxConnections: 5 } });
  expect(reloadConfig(config, configOf({ listen: { maxConnections: 5 } }))).toEqual({
    config,
    applied: [],
    needRestart: [],
  });
});

test('live fields hold, the others keep their value and are named', () => {
  const before = configOf({ upstream: { url: 'http://a', via: 'one' }, count: { unique: true } });
  const after = configOf({
    upstream: { url: 'http://b', via: 'two' },
    count: { unique: false },
    routes: [{ path: '/posts', posts: [{ json: '$[*]' }] }],
    log: { access: true },
    bucketSeconds: 10,
    pace: { requests: 5, seconds: 1 },
    listen: { healthPath: '/up' },
  });
  const { config, applied, needRestart } = reloadConfig(before, after);
  expect([...applied].sort()).toEqual(['count', 'log', 'routes', 'upstream.via']);
  expect([...needRestart].sort()).toEqual(['bucketSeconds', 'listen.healthPath', 'pace', 'upstream.url']);
  expect(config).toEqual({
    ...after,
    bucketSeconds: 60,
    pace: undefined,
    listen: before.listen,
    upstream: { ...before.upstream, via: 'two' },
  });
});

test('a live section that is taken out is gone', () => {
  const before = configOf({ platform: 'wordpress' });
  const { config, applied } = reloadConfig(before, configOf({}));
  expect(applied).toEqual(['platform']);
  expect(config.platform).toBeUndefined();
});
