/**
 * Reads the messages of one side of a WebSocket (RFC 6455) from the connection's bytes, and inflates them if
 * permessage-deflate (RFC 7692) was negotiated. It unmasks a client's bytes in place; other bytes are not changed.
 */

import { extension, PerMessageDeflate, Receiver } from 'ws';
import type { MessageKind } from '../../../count/route/match.ts';
import type { UncountedReason } from '../../../count/uncounted.ts';

/** Maximum length of an inflated message, which is held per connection. A firehose sends at most 5 MB. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Maximum number of parts of a message. Each part is an object: single bytes would take a hundred times their length. */
const MAX_PARTS = 16_384;

export interface MessageReaderOptions {
  /** The upstream's Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  /** True if the client is the sender, whose frames are masked. Default false. */
  readonly isFromClient?: boolean;
  /** Maximum length of an inflated message. Default 8 MiB. */
  readonly maxBytes?: number;
  /** A message of the other kind cannot be read, unless it is JSON in a binary message. */
  readonly kind: MessageKind;
  /** Receives each complete message; must not retain it. */
  readonly onMessage: (message: Uint8Array) => void;
  /** Called after `write` returned false, when there is room again. */
  readonly onDrain: () => void;
}

export class MessageReader {
  /** True after the close frame: the connection ends in order. */
  isClosed = false;
  readonly #isUnknown: boolean;
  /** True if a message was not of the kind that contains posts. */
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
      // If a client requests compressed messages (Jetstream), they are binary.
      else this.#hasOther ||= message.length > 0;
    });
    this.#receiver.on('conclude', () => {
      this.isClosed = true;
    });
    this.#receiver.on('drain', onDrain);
    // `fault` reports the error, earlier than this event.
    this.#receiver.on('error', onDrain);
  }

  /** Why a message, or everything after it, could not be read. */
  get fault(): UncountedReason | undefined {
    if (this.#isUnknown) return 'encoding';
    const { errored } = this.#receiver as { errored: (Error & { code?: string }) | null };
    if (errored === null) return this.#hasOther ? 'frame' : undefined;
    return FAULTS[errored.code ?? ''] ?? 'frame';
  }

  /** Takes the next bytes. Returns false to pause until `onDrain`. */
  write(chunk: Buffer): boolean {
    if (this.#isOver) return true;
    // Bytes that were read synchronously leave nothing to wait for.
    return this.#receiver.write(chunk) || this.#receiver.writableLength === 0 || this.#isOver;
  }

  /** Calls `done` once all written bytes have been read; synchronously if nothing is being inflated. */
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

/** Null if there is no extension; `unknown` for an extension that is not supported. */
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
    // The library throws various errors if the header is not a valid response to an offer.
    return 'unknown';
  }
}
