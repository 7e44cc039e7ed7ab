/** What robots.txt, the headers and the licence state about the blog that is opted out, and what `terms check` finds. */

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from 'cheerio';
import { ADMIN_TOKEN } from '../../support/gateway/process.ts';
import { UNKNOWN } from './askers.ts';
import type { RightsGateway } from './rights-gateway.ts';
import { HOST, type WordpressNetwork } from './wordpress-network.ts';

const CLI = fileURLToPath(new URL('../../../dist/entry/cli.js', import.meta.url));

interface RobotsReader {
  isAllowed(url: string, agent: string): boolean | undefined;
}
const robotsParser = createRequire(import.meta.url)('robots-parser') as (
  url: string,
  text: string,
) => RobotsReader;

const door = (path: string) => ({ path, method: 'GET', host: HOST, sent: null }) as const;

export async function documentFaults({ url }: WordpressNetwork, rights: RightsGateway): Promise<string[]> {
  const get = (path: string) => rights.send(door(path), UNKNOWN);
  const site = `http://${HOST}`;
  const robots = robotsParser(`${site}/robots.txt`, (await get('/robots.txt')).text);
  const licence = load((await get('/.well-known/postmeter/license.xml')).text, { xml: true });
  const usageIn = (path: string, element: string) => licence(`content[url="${path}"] ${element}`).text();
  const usage = async (path: string) => String((await get(path)).headers['content-usage']);
  const refusal = await rights.send(door('/three/feed/'), rights.askers[0]!.headers(door('/three/feed/')));
  const statements: ReadonlyArray<readonly [what: string, isRight: boolean]> = [
    ['robots.txt: GPTBot on /three/', robots.isAllowed(`${site}/three/feed/`, 'GPTBot') === false],
    ['robots.txt: GPTBot on /two/', robots.isAllowed(`${site}/two/feed/`, 'GPTBot') === true],
    ['robots.txt: bingbot on /three/', robots.isAllowed(`${site}/three/feed/`, 'bingbot') === true],
    ['licence: training on /three/', usageIn('/three/', 'prohibits').includes('ai-train')],
    ['licence: training elsewhere', usageIn('/', 'permits').includes('ai-train')],
    ['licence: search on /three/', usageIn('/three/', 'permits').includes('search')],
    ['header on /three/', (await usage('/three/feed/')) === 'train-ai=n, search=y'],
    ['header on /two/', (await usage('/two/feed/')) === 'train-ai=y, search=y'],
    ['licence of the refusal', String(refusal.headers.link).includes('rel="license"')],
    ['reservation', (await get('/.well-known/tdmrep.json')).text.includes('/three/*')],
  ];
  const faults = statements.filter(([, isRight]) => !isRight).map(([what]) => what);
  for (const place of [[], [rights.gateway.url]]) {
    const { code, output } = await check(rights, place);
    if (code !== 0)
      faults.push(`terms check ${place.join('')} (platform ${url}): exit code ${code}\n${output}`);
  }
  return faults;
}

async function check({ gateway }: RightsGateway, place: readonly string[]) {
  const env = {
    PATH: process.env.PATH ?? '',
    DATA_DIR: gateway.dataDir,
    POSTMETER_CONFIG: join(gateway.dataDir, 'test.config.json'),
    ADMIN_PORT: new URL(gateway.adminUrl).port,
    ADMIN_TOKEN,
  };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'terms', 'check', ...place], {
      env,
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}
