/**
 * The AT Protocol: a repository as a CAR, and messages of a firehose. The usual reader decodes every block with
 * @ipld/dag-cbor, like the protocol's own libraries. This file contains the code that reads the CAR for it.
 */

import { decode } from '@ipld/dag-cbor';
import { CID, varint } from 'multiformats';
import {
  type Block,
  blockOf,
  carOf,
  commitOf,
  create,
  LIKE,
  like,
  messageOf,
  POST,
  post,
} from '../../count/atproto/repository.ts';
import { chunksOf, countWith, type FormatCase, ruleOf } from './case.ts';

const text =
  'Words that say what happened, as long as people write them: café, “quoted”, and a link in them.';
const records = [{ record: POST }];

export function atprotoCases(): FormatCase[] {
  return [car(), firehose()];
}

/** As many likes as posts, and the nodes of the tree over them. */
function car(): FormatCase {
  const posts = 400;
  const all = Array.from({ length: posts }, (_, at) => [written(at), like(`at://did:plc:one/${POST}/${at}`)]);
  const leaves = all.flat();
  const body = carOf([...treeOver(leaves), ...leaves]);
  return caseOf('car', posts, body.length, chunksOf(body), () => postsIn(body));
}

/** Six of ten commits are likes and two are posts, as on Bluesky. Some messages are identities. */
function firehose(): FormatCase {
  const commits = 200;
  const messages = Array.from({ length: commits }, (_, at) => message(at));
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  return caseOf('firehose', (commits / 10) * 2, bytes, messages, () =>
    messages.reduce((sum, message) => sum + postsInMessage(message), 0),
  );
}

function message(at: number): Uint8Array {
  if (at % 10 === 9) return messageOf({ op: 1, t: '#identity' }, { did: 'did:plc:one', seq: at });
  const deleted = { action: 'delete', path: `${LIKE}/${at}`, cid: null };
  const neighbours = Array.from({ length: 60 }, (_, i) => like(`${at}-${i}`));
  if (at % 10 === 8) return commitOf([deleted], treeOver(neighbours));
  const [type, record] = at % 10 < 2 ? [POST, written(at)] : [LIKE, like(`at://did:plc:two/${POST}/${at}`)];
  return commitOf([create(`${type}/${at}`, record)], [...treeOver([record, ...neighbours]), record]);
}

function written(at: number): Block {
  const link = { $type: 'app.bsky.richtext.facet#link', uri: `https://news.example/${at}` };
  return post(`${at}: ${text}`, {
    langs: ['en'],
    facets: [{ index: { byteStart: 80, byteEnd: 84 }, features: [link] }],
  });
}

/**
 * Nodes of a Merkle search tree according to the specification (atproto.com/specs/repository), with 16 entries each.
 */
function treeOver(leaves: readonly Block[]): Block[] {
  const nodes: Block[] = [];
  const sharedBytes = `${LIKE}/3lk7`.length;
  for (let at = 0; at < leaves.length; at += 16) {
    const firstKey = `${LIKE}/3lk7jk3${at}2p`;
    const e = leaves.slice(at, at + 16).map(({ cid }, i) => ({
      k: Buffer.from(i === 0 ? firstKey : `jk3${at + i}2p`),
      p: i === 0 ? 0 : sharedBytes,
      t: null,
      v: cid,
    }));
    nodes.push(blockOf({ e, l: nodes.at(-1)?.cid ?? null }));
  }
  const root = blockOf({ did: 'did:plc:one', version: 3, data: nodes.at(-1)?.cid, rev: 'a', prev: null });
  return [root, ...nodes];
}

function caseOf(
  format: 'car' | 'firehose',
  posts: number,
  bytes: number,
  chunks: readonly Uint8Array[],
  decodedPosts: () => number,
): FormatCase {
  const rule = ruleOf({ format, posts: records });
  const parser = { name: '@ipld/dag-cbor', posts: decodedPosts };
  return { label: format, bytes, posts, count: () => countWith(rule, chunks), usual: [parser] };
}

interface DagRecord {
  readonly $type?: unknown;
}

function postsIn(car: Uint8Array): number {
  let found = 0;
  const [headerBytes, size] = varint.decode(car);
  for (let at = size + headerBytes; at < car.length; ) {
    const [length, lengthBytes] = varint.decode(car, at);
    at += lengthBytes;
    const [, block] = CID.decodeFirst(car.subarray(at, at + length));
    if ((decode(block) as DagRecord).$type === POST) found++;
    at += length;
  }
  return found;
}

interface CommitBody {
  readonly blocks: Uint8Array;
}

/** A message is two consecutive values. With the head of an array before them they are an array of two. */
function postsInMessage(message: Uint8Array): number {
  const array = new Uint8Array(message.length + 1);
  array[0] = 0x82;
  array.set(message, 1);
  const [header, body] = decode(array) as [{ readonly t: string }, CommitBody];
  return header.t === '#commit' ? postsIn(body.blocks) : 0;
}
