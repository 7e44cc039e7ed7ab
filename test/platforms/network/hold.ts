/**
 * Holds the network against its opt-out: what each asker receives through every door, what people receive, what the
 * documents state, and whether the forecast of shadow mode equals what enforcing withholds.
 */

import { type NetworkAsker, PERSON } from './askers.ts';
import { documentFaults } from './documents.ts';
import { type BlogDoor, doorsOf, doorText } from './doors.ts';
import { forecastFaults } from './forecast.ts';
import { type RightsGateway, startRightsGateway } from './rights-gateway.ts';
import { type Reply, send } from './send.ts';
import { HOST, startWordpressNetwork, type WordpressNetwork } from './wordpress-network.ts';

/** @returns the number of checks that failed. Each failure is printed. */
export async function holdNetwork(script: string): Promise<number> {
  const network = await startWordpressNetwork(script);
  let rights: RightsGateway | null = null;
  try {
    rights = await startRightsGateway(network);
    await rights.setMode('enforce');
    const doors = doorsOf('three', network.three);
    const open = await openDoors(network, doors);
    const gained = `${open.length} of ${doors.length} doors contain posts of /three`;
    let failed = report(gained, open.length < 35 ? ['too few'] : []);
    for (const asker of rights.askers) {
      const faults = await withheldFaults(network, rights, asker, doors);
      failed += report(`${asker.name}: nothing of /three, and /two`, faults);
    }
    failed += report('people: every response byte for byte', await peopleFaults(network, rights, doors));
    failed += report('robots.txt, headers and licence', await documentFaults(network, rights));
    failed += report('the forecast of shadow mode', await forecastFaults(rights, doors));
    const byPlugin = await pluginFaults(network, rights, doors);
    return failed + report('our plugin alone: nothing of /three but its files', byPlugin);
  } finally {
    await rights?.gateway.stop();
    await network.stop();
  }
}

/** Prints the result of a check. Returns 1 if it failed. */
function report(what: string, faults: readonly string[]): 0 | 1 {
  process.stdout.write(`${faults.length === 0 ? 'right' : 'WRONG'}\t${what}\n`);
  for (const fault of faults) process.stdout.write(`\t${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}

/** The doors through which the platform itself returns posts of the blog. */
async function openDoors({ url, three }: WordpressNetwork, doors: readonly BlogDoor[]): Promise<BlogDoor[]> {
  const open: BlogDoor[] = [];
  for (const door of doors) {
    const { status, text } = await send(url, door, PERSON);
    if (text.includes(three.word)) open.push(door);
    else process.stdout.write(`closed\t${doorText(door)}: ${status}\n`);
  }
  return open;
}

async function withheldFaults(
  { two, three }: WordpressNetwork,
  rights: RightsGateway,
  asker: NetworkAsker,
  doors: readonly BlogDoor[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const door of doors) {
    const { status, code, text } = await rights.send(door, asker.headers(door));
    if (text.includes(three.word)) faults.push(`${doorText(door)}: ${status} ${code ?? ''} with posts`);
  }
  const other = doorsOf('two', two).find(({ path }) => path === '/two/feed/')!;
  const { status, text } = await rights.send(other, asker.headers(other));
  const isRight = asker.class === 'forged' ? status === 403 : text.includes(two.word);
  if (!isRight) faults.push(`${doorText(other)}: ${status}`);
  return faults;
}

/** What is withheld by the header that our plugin sends, without settings in the registry. */
async function pluginFaults(
  network: WordpressNetwork,
  rights: RightsGateway,
  doors: readonly BlogDoor[],
): Promise<string[]> {
  await rights.withdraw();
  const subject = (await network.optOut()).trim();
  const expected = JSON.stringify({ kind: 'path', scope: HOST, name: '/three' });
  const faults = subject === expected ? [] : [`subject ${subject}`];
  // nginx serves files without WordPress.
  const pages = doors.filter(({ path }) => !path.includes('/uploads/'));
  for (const asker of rights.askers) {
    const found = await withheldFaults(network, rights, asker, pages);
    faults.push(...found.map((fault) => `${asker.name}: ${fault}`));
  }
  return faults;
}

const FIELDS = [
  'content-type',
  'content-encoding',
  'location',
  'etag',
  'last-modified',
  'link',
  'content-usage',
];

async function peopleFaults(
  network: WordpressNetwork,
  rights: RightsGateway,
  doors: readonly BlogDoor[],
): Promise<string[]> {
  const faults: string[] = [];
  const all = [...doors, ...doorsOf('two', network.two)];
  // Browsers escape all characters of a path that are not ASCII.
  for (const door of all.filter(({ path }) => !/[^ -~]/.test(path))) {
    for (const encoding of ['identity', 'gzip', 'br']) {
      const headers = { ...PERSON, 'accept-encoding': encoding };
      const direct = await send(network.url, door, headers);
      const reply = await rights.send(door, headers);
      const hasHead = (other: Reply) =>
        other.status === direct.status &&
        FIELDS.every((name) => String(other.headers[name]) === String(direct.headers[name]));
      const isEqual = hasHead(reply) && reply.body.equals(direct.body);
      if (isEqual) continue;
      // oEmbed responses contain a random number.
      const again = await send(network.url, door, headers);
      if (hasHead(reply) && !again.body.equals(direct.body)) continue;
      faults.push(`${doorText(door)}, ${encoding}: ${direct.status} became ${reply.status}`);
    }
  }
  return faults;
}
