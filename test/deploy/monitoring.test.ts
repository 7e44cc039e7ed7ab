/** The alert rules and the dashboard name only metrics that a process exports, and are valid for their programs. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createMetrics } from '../../src/adapters/prometheus/metrics.ts';
import { sources } from '../adapters/prometheus/sources.ts';

const folder = fileURLToPath(new URL('../../deploy', import.meta.url));
const deployed = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');

const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Postmeter[A-Za-z]+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
});

const target = z.object({ expr: z.string(), refId: z.string() });
const panel = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().max(24), h: z.int() }),
  targets: z.array(target).optional(),
});
const dashboardSchema = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int().min(39),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
  panels: z.array(panel),
});

const rules = rulesSchema
  .parse(parse(deployed('prometheus/alerts.yml')))
  .groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(JSON.parse(deployed('grafana/dashboards/postmeter.json')));

test('every metric of the rules and of the dashboard is exported', async () => {
  const { text } = await createMetrics(sources().made, { version: '1.2.3' }).render('');
  const exported = new Set(
    Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ).flat(),
  );
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  const named = expressions.flatMap((expr) => expr.match(/\b(?:postmeter|process|nodejs)_\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !exported.has(name))).toEqual([]);
});

test('each alert has a name of its own', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test('the panels have ids of their own and do not overlap, and their variables exist', () => {
  const { panels, templating } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  const variables = new Set(['__rate_interval', ...templating.list.map(({ name }) => name)]);
  const used = deployed('grafana/dashboards/postmeter.json').match(/\$\{?(\w+)/g) ?? [];
  expect(used.filter((name) => !variables.has(name.replace(/^\$\{?/, '')))).toEqual([]);
});

test('the provisioning of Grafana names the folders and the data source of the compose file', () => {
  const provisioned = parse(deployed('grafana/provisioning/dashboards/postmeter.yaml'));
  const { services } = parse(deployed('compose.yaml'));
  const mounted = services.grafana.volumes.map((volume: string) => volume.split(':')[1]);
  expect(mounted).toContain(provisioned.providers[0].options.path);
  expect(readdirSync(`${folder}/grafana/dashboards`)).toEqual(['postmeter.json']);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
test.runIf(hasPromtool)('promtool accepts the rules and the scrape configuration', () => {
  for (const args of [
    ['check', 'rules', `${folder}/prometheus/alerts.yml`],
    ['check', 'config', '--syntax-only', `${folder}/prometheus/prometheus.yml`],
  ]) {
    const { status, stderr } = spawnSync('promtool', args);
    expect([String(stderr), status]).toEqual(['', 0]);
  }
});
