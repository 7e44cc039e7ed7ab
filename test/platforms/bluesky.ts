/** Bluesky: author feeds of an AppView, records and whole accounts of a PDS, and its firehose. */

import { WebSocket } from 'ws';
import { type Door, getPage, type Page, textOf, type Walked, walkPages } from './door.ts';

const ENCODINGS = ['identity', 'gzip', 'br'];
/** The firehose is considered finished after this idle time. */
const STILL_MS = 3_000;

interface Feed {
  readonly feed: readonly unknown[];
  readonly cursor?: string;
}

interface Records {
  readonly records: readonly unknown[];
  readonly cursor?: string;
}

/** Every account's feed. The platform's number is that of the items in its own responses, parsed by JSON.parse. */
export async function appViewDoors(gateway: string, appView: string): Promise<readonly Door[]> {
  const actors = await actorsOf(appView, (n) => `/xrpc/app.bsky.actor.getProfile?actor=user${n}.test`);
  const pathOf = (actor: string, cursor?: string) =>
    `/xrpc/app.bsky.feed.getAuthorFeed?actor=${actor}&limit=100${cursorOf(cursor)}`;
  let items = 0;
  await walkAll(appView, actors, pathOf, {}, (page) => {
    const { feed, cursor } = JSON.parse(textOf(page)) as Feed;
    items += feed.length;
    return cursor;
  });
  return ENCODINGS.map((encoding): Door => {
    return {
      name: `Bluesky author feeds, ${encoding}`,
      posts: items,
      walk: (address) =>
        walkAll(gateway, actors, pathOf, headersOf(address, encoding), (page) => {
          return (JSON.parse(textOf(page)) as Feed).cursor;
        }),
    };
  });
}

/** All records of all accounts, all accounts as CAR files, and everything that was ever published, by the firehose. */
export async function pdsDoors(gateway: string, pds: string, published: number): Promise<readonly Door[]> {
  const dids = await actorsOf(pds, (n) => `/xrpc/com.atproto.identity.resolveHandle?handle=user${n}.test`);
  const pathOf = (did: string, cursor?: string) =>
    `/xrpc/com.atproto.repo.listRecords?repo=${did}&collection=app.bsky.feed.post&limit=100${cursorOf(cursor)}`;
  let records = 0;
  await walkAll(pds, dids, pathOf, {}, (page) => {
    const answer = JSON.parse(textOf(page)) as Records;
    records += answer.records.length;
    return answer.cursor;
  });
  const doors = ['identity', 'gzip'].flatMap((encoding): Door[] => [
    {
      name: `Bluesky listRecords, ${encoding}`,
      posts: records,
      walk: (address) =>
        walkAll(gateway, dids, pathOf, headersOf(address, encoding), (page) => {
          return (JSON.parse(textOf(page)) as Records).cursor;
        }),
    },
    {
      name: `Bluesky getRepo, ${encoding}`,
      posts: records,
      walk: (address) =>
        walkAll(
          gateway,
          dids,
          (did) => `/xrpc/com.atproto.sync.getRepo?did=${did}`,
          headersOf(address, encoding),
          () => undefined,
        ),
    },
  ]);
  return [
    ...doors,
    { name: 'Bluesky firehose', posts: published, walk: (address) => hear(gateway, address) },
  ];
}

function headersOf(address: string, encoding: string): Record<string, string> {
  return { 'Accept-Encoding': encoding, 'X-Forwarded-For': address };
}

function cursorOf(cursor: string | undefined): string {
  return cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
}

/** The accounts are user0.test, user1.test and so on. The first missing one ends the list. */
async function actorsOf(platform: string, pathOf: (n: number) => string): Promise<readonly string[]> {
  const dids: string[] = [];
  for (;;) {
    const page = await getPage(`${platform}${pathOf(dids.length)}`);
    if (page.status !== 200) return dids;
    dids.push((JSON.parse(textOf(page)) as { did: string }).did);
  }
}

async function walkAll(
  base: string,
  actors: readonly string[],
  pathOf: (actor: string, cursor?: string) => string,
  headers: Record<string, string>,
  nextCursor: (page: Page) => string | undefined,
): Promise<Walked> {
  let [requests, bytes] = [0, 0];
  for (const actor of actors) {
    const walked = await walkPages(base, pathOf(actor), headers, (page) => {
      const cursor = nextCursor(page);
      return cursor === undefined ? undefined : pathOf(actor, cursor);
    });
    requests += walked.requests;
    bytes += walked.bytes;
  }
  return { requests, bytes };
}

function hear(gateway: string, address: string): Promise<Walked> {
  return new Promise((resolve, reject) => {
    const url = `${gateway.replace('http', 'ws')}/xrpc/com.atproto.sync.subscribeRepos?cursor=0`;
    const socket = new WebSocket(url, { headers: { 'X-Forwarded-For': address } });
    let bytes = 0;
    let still = setTimeout(() => socket.close(), STILL_MS);
    socket.on('message', (message: Buffer) => {
      bytes += message.length;
      clearTimeout(still);
      still = setTimeout(() => socket.close(), STILL_MS);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve({ requests: 1, bytes }));
  });
}
