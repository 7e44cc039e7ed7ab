/** Follows Jetstream, the event stream of Bluesky, and writes the settings of accounts to the registry of rights. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type BackOff, backOffMs } from '../../../meter/back-off.ts';
import { INTENTS_COLLECTION, readJetstream } from '../../../rights/intake/bluesky.ts';
import type { NewSetting } from '../../../rights/setting.ts';

export interface BlueskyOptions {
  readonly url: URL;
  /** File of the cursor: the position up to which the ledger has all settings. */
  readonly cursorFile: string;
  /** Writes at most `MAX_BATCH` settings. A rejection ends the connection, and its events are read again. */
  readonly write: (settings: readonly NewSetting[]) => Promise<void>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Events are gathered this long, so that a call has many of them. */
const GATHER_MS = 1_000;
const MAX_BATCH = 10_000;
/** Servers differ by some seconds, and repeated settings change nothing. */
const REWIND_US = 5_000_000;
/** The network has many events a second, so a silent connection is lost. */
const SILENCE_MS = 60_000;
const MAX_MESSAGE_BYTES = 1_000_000;
const AGAIN: BackOff = { firstMs: 1_000, maxMs: 60_000 };

/** Resolves when `signal` is aborted, after the settings that were received are written. */
export async function followBluesky(options: BlueskyOptions): Promise<void> {
  const { signal, say, cursorFile } = options;
  let failures = 0;
  while (!signal.aborted) {
    const before = readCursor(cursorFile);
    try {
      await followOnce(options, before);
    } catch (error) {
      say(`the stream ended: ${(error as Error).message}`);
    }
    failures = readCursor(cursorFile) === before ? failures + 1 : 1;
    await sleep(backOffMs(failures, AGAIN, 0.5), undefined, { signal }).catch(() => {});
  }
}

async function followOnce(
  { url, cursorFile, write, say, signal }: BlueskyOptions,
  from: number | null,
): Promise<void> {
  const address = new URL(url);
  address.searchParams.set('wantedCollections', INTENTS_COLLECTION);
  if (from !== null) address.searchParams.set('cursor', String(from - REWIND_US));
  const socket = new WebSocket(address, { maxPayload: MAX_MESSAGE_BYTES });
  let settings: NewSetting[] = [];
  let cursor = from;
  let heardAtMs = performance.now();
  let ended: Error | null = null;
  const end = (error: Error): void => {
    ended ??= error;
    socket.terminate();
  };
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('open', () => say(`connected to ${url.host}`));
  socket.on('error', end);
  socket.on('message', (data) => {
    heardAtMs = performance.now();
    const read = readJetstream(jsonOf(String(data)));
    if (read === null) return;
    settings.push(...read.settings);
    cursor = read.cursor;
    // The ledger is slower than the stream.
    if (settings.length > MAX_BATCH) socket.pause();
  });
  const stop = (): void => end(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  const flush = async (): Promise<void> => {
    const [batch, upTo] = [settings, cursor];
    settings = [];
    for (let from = 0; from < batch.length; from += MAX_BATCH)
      await write(batch.slice(from, from + MAX_BATCH));
    if (upTo !== null) keepCursor(cursorFile, upTo);
    if (socket.isPaused) socket.resume();
  };
  try {
    while (socket.readyState !== WebSocket.CLOSED) {
      await Promise.race([closed, sleep(GATHER_MS)]);
      await flush();
      if (performance.now() - heardAtMs > SILENCE_MS)
        end(new Error('the server has sent nothing for a minute'));
    }
  } finally {
    signal.removeEventListener('abort', stop);
    socket.terminate();
  }
  if (!signal.aborted) throw ended ?? new Error('the server closed the connection');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns null if there is no cursor: the stream then starts now. */
function readCursor(file: string): number | null {
  try {
    const cursor = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(cursor) ? cursor : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A crash leaves the old cursor or the new one. */
function keepCursor(file: string, cursor: number): void {
  writeFileSync(`${file}.new`, String(cursor));
  renameSync(`${file}.new`, file);
}
