/** The container file, the compose file and the manifests are consistent with each other and with the repository. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configSchema } from '../../src/config/schema.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deployed = (name: string): string => readFileSync(join(root, 'deploy', name), 'utf8');
const containerfile = deployed('Containerfile');

test('the linter finds nothing in the container file', () => {
  expect(validate(containerfile)).toEqual([]);
});

test('the container file copies only what exists, and what the ignore file lets through', () => {
  const copied = Array.from(containerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, names]) =>
    names!.split(' '),
  )
    .flat()
    .filter((name) => name !== '.');
  const allowed = deployed('Containerfile.dockerignore')
    .match(/^!.+$/gm)!
    .map((line) => line.slice(1));
  expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  expect([...new Set(copied.map(normalize))].sort()).toEqual(allowed.sort());
});

test('the image does not run as root, and starts the command of the package', () => {
  expect(containerfile).toMatch(/^USER 1000:1000$/m);
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entry = /^ENTRYPOINT (.+)$/m.exec(containerfile)![1]!;
  expect(JSON.parse(entry).at(-1)).toBe(`/opt/postmeter/${bin.postmeter}`);
});

test('the compose file mounts files that exist, and its configuration is valid', () => {
  const { services, volumes } = parse(deployed('compose.yaml'));
  const mounted: string[] = Object.values<{ volumes?: string[] }>(services).flatMap(
    (one) => one.volumes ?? [],
  );
  for (const [source] of mounted.map((volume) => volume.split(':') as [string])) {
    const exists = source.startsWith('.') ? existsSync(join(root, 'deploy', source)) : source in volumes;
    expect(exists, source).toBe(true);
  }
  expect(existsSync(join(root, 'deploy', dirname(services.gateway.build.dockerfile), '..'))).toBe(true);
  expect(configSchema.parse(JSON.parse(deployed('compose/postmeter.config.json'))).routes).toHaveLength(1);
});

test('the manifests select the pods that they make, by ports and volumes that exist', () => {
  const manifests = parseAllDocuments(deployed('kubernetes/postmeter.yaml')).map((one) => one.toJS());
  const of = (kind: string) => manifests.filter((one) => one.kind === kind);
  const [set] = of('StatefulSet');
  const { metadata, spec } = set.spec.template;
  const [container] = spec.containers;
  const ports = container.ports.map(({ name }: { name: string }) => name);
  for (const service of of('Service')) {
    expect(metadata.labels).toMatchObject(service.spec.selector);
    for (const { targetPort } of service.spec.ports) expect(ports).toContain(targetPort);
  }
  for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe'])
    expect(ports).toContain(container[probe].httpGet.port);
  const volumes = [
    ...spec.volumes,
    ...set.spec.volumeClaimTemplates.map((one: { metadata: object }) => one.metadata),
  ];
  const names = volumes.map(({ name }) => name).sort();
  expect(container.volumeMounts.map(({ name }: { name: string }) => name).sort()).toEqual(names);
  const paths = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  expect(containerfile).toContain(`DATA_DIR=${paths[0]}`);
  expect(containerfile).toContain(`POSTMETER_CONFIG=${paths[1]}/postmeter.config.json`);
  expect(set.spec.serviceName).toBe(of('Service')[0].metadata.name);
  const config = JSON.parse(of('ConfigMap')[0].data['postmeter.config.json']);
  const { drainSeconds } = configSchema.parse(config).listen;
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds);
});
