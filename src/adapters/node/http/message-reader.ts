/**
 * Reads the messages that one end sends over a WebSocket (RFC 6455) out of the connection's bytes, inflated where
 * permessage-deflate (RFC 7692) was negotiated. Of a client's bytes it takes the mask off; others it does not touch.
 */

import { extension, PerMessageDeflate, Receiver } from 'ws';
import type { MessageKind } from '../../../count/route/match.ts';
import type { UncountedReason } from '../../../count/uncounted.ts';

/** Of a message, inflated: a firehose sends at most 5 MB. So much may be held for each connection. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Each is an object of its own: a message in single bytes must not take a hundred times its length. */
const MAX_PARTS = 16_384;

export interface MessageReaderOptions {
  /** What the upstream answered in Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  /** Whether the client is the one that sends: its frames are masked. Default false. */
  readonly isFromClient?: boolean;
  /** Longest message, inflated; left out, 8 MiB. */
  readonly maxBytes?: number;
  /** One of the other kind cannot be read, unless it is JSON in bytes. */
  readonly kind: MessageKind;
  /** Takes a whole message, which is not kept. */
  readonly onMessage: (message: Uint8Array) => void;
  /** Called after `write` returned false, when there is room again. */
  readonly onDrain: () => void;
}

export class MessageReader {
  /** The closing frame has come: the connection ends in order. */
  isClosed = false;
  readonly #isUnknown: boolean;
  /** A message came that is not of the kind in which posts are looked for. */
  #hasOther = false;
  readonly #inflater: PerMessageDeflate | null;
  readonly #receiver: Receiver;

  constructor({
    extensions,
    isFromClient = false,
    maxBytes = MAX_MESSAGE_BYTES,
    kind,
    onMessage,
    onDrain,
  }: MessageReaderOptions) {
    const negotiated = inflaterOf(extensions);
    this.#isUnknown = negotiated === 'unknown';
    this.#inflater = negotiated === 'unknown' ? null : negotiated;
    this.#receiver = new Receiver({
      extensions: this.#inflater === null ? {} : { [PerMessageDeflate.extensionName]: this.#inflater },
      isServer: isFromClient,
      maxBufferedChunks: MAX_PARTS,
      maxFragments: MAX_PARTS,
      maxPayload: maxBytes,
    });
    this.#receiver.on('message', (message: Buffer, isBinary: boolean) => {
      if (isBinary && kind === 'packets') return;
      if (isBinary === (kind === 'binary') || (isBinary && beginsAsJson(message))) onMessage(message);
      // Where a client may ask for compressed messages (Jetstream), they are binary instead.
      else this.#hasOther ||= message.length > 0;
    });
    this.#receiver.on('conclude', () => {
      this.isClosed = true;
    });
    this.#receiver.on('drain', onDrain);
    // `fault` says it, and earlier than this event.
    this.#receiver.on('error', onDrain);
  }

  /** Why a message, or all that came later, could not be read. */
  get fault(): UncountedReason | undefined {
    if (this.#isUnknown) return 'encoding';
    const { errored } = this.#receiver as { errored: (Error & { code?: string }) | null };
    if (errored === null) return this.#hasOther ? 'frame' : undefined;
    return FAULTS[errored.code ?? ''] ?? 'frame';
  }

  /** Takes the next bytes. False: wait for `onDrain` before the next. */
  write(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    // What is read at once leaves nothing to wait for.
    return this.#receiver.write(chunk) || this.#receiver.writableLength === 0 || this.#isOver;
  }

  /** Calls `done` when all that was written has been read; before it returns, where nothing is being inflated. */
  end(done: () => void): void {
    const finish = (): void => {
      this.#inflater?.cleanup();
      done();
    };
    if (this.#isOver || this.#receiver.writableLength === 0) finish();
    else this.#receiver.once('close', finish).end();
  }

  get #isOver(): boolean {
    return this.#isUnknown || this.isClosed || this.#receiver.destroyed;
  }
}

const FAULTS: Readonly<Record<string, UncountedReason>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'too_large',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'too_large',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'too_large',
  Z_DATA_ERROR: 'encoding',
  Z_BUF_ERROR: 'encoding',
};

function beginsAsJson(message: Uint8Array): boolean {
  return message[0] === 0x7b || message[0] === 0x5b;
}

/** Null: the bytes are the messages' own. `unknown`: an extension that nobody here can undo. */
function inflaterOf(header: string | undefined): PerMessageDeflate | null | 'unknown' {
  if (header === undefined || header.trim() === '') return null;
  const name = PerMessageDeflate.extensionName;
  try {
    const { [name]: parameters, ...others } = extension.parse(header);
    if (parameters === undefined || Object.keys(others).length > 0) return 'unknown';
    const inflater = new PerMessageDeflate({ isServer: false, maxPayload: MAX_MESSAGE_BYTES });
    inflater.accept(parameters);
    return inflater;
  } catch {
    // The library says with whatever error that the header is no answer that a server may give.
    return 'unknown';
  }
}
