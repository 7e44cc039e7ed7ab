/** A small repository of the AT Protocol: records as blocks, CARs of them, and the messages that announce them. */

import { createHash } from 'node:crypto';
import { code, encode } from '@ipld/dag-cbor';
import { CID, digest, varint } from 'multiformats';

export const POST = 'app.bsky.feed.post';
export const LIKE = 'app.bsky.feed.like';

export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

const SHA_256 = 0x12;

export function blockOf(value: unknown): Block {
  return rawBlock(encode(value), code);
}

/** A block of arbitrary bytes. */
export function rawBlock(bytes: Uint8Array, codec: number): Block {
  const hash = createHash('sha256').update(bytes).digest();
  return { cid: CID.createV1(codec, digest.create(SHA_256, hash)), bytes };
}

export function post(text: string, more: Record<string, unknown> = {}): Block {
  return blockOf({ $type: POST, text, createdAt: '2026-01-01T00:00:00Z', ...more });
}

export function like(text: string): Block {
  return blockOf({ $type: LIKE, subject: { uri: text }, createdAt: '2026-01-01T00:00:00Z' });
}

export function carOf(blocks: readonly Block[], header: unknown = undefined): Uint8Array {
  const head = encode(header ?? { version: 1, roots: blocks.slice(0, 1).map(({ cid }) => cid) });
  return joined([sectionOf(head), ...blocks.map(({ cid, bytes }) => sectionOf(joined([cid.bytes, bytes])))]);
}

export function sectionOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(varint.encodingLength(bytes.length));
  varint.encodeTo(bytes.length, length);
  return joined([length, bytes]);
}

export function messageOf(header: unknown, body: unknown): Uint8Array {
  return joined([encode(header), encode(body)]);
}

export interface Op {
  readonly action: string;
  readonly path: string;
  readonly cid: CID | null;
}

export const create = (path: string, { cid }: Block): Op => ({ action: 'create', path, cid });

export function commitOf(ops: readonly Op[], blocks: readonly Block[], repo = 'did:plc:one'): Uint8Array {
  return messageOf(
    { op: 1, t: '#commit' },
    { repo, seq: 1, rev: 'a', tooBig: false, rebase: false, ops, blocks: carOf(blocks), blobs: [] },
  );
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
