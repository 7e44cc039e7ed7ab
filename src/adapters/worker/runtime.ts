/** The Workers' globals by their own types: those of Node, which the compiler sees under the same names, differ. */

import type {
  FixedLengthStream,
  Headers,
  IdentityTransformStream,
  ReadableStream,
  RequestInit,
  Response,
  ResponseInit,
  WebSocketPair,
} from '@cloudflare/workers-types';

interface WorkersGlobals {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly Response: new (
    body: ReadableStream | ArrayBuffer | string | null,
    init: Omit<ResponseInit, 'headers'> & { readonly headers?: Headers },
  ) => Response;
  readonly Headers: new (init?: Headers) => Headers;
  readonly FixedLengthStream: new (bytes: number) => FixedLengthStream;
  readonly IdentityTransformStream: new () => IdentityTransformStream;
  readonly WebSocketPair: typeof WebSocketPair;
  /** Of ES2024: Node has it from version 22 on alone. */
  readonly Promise: {
    withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void };
  };
}

export const runtime = globalThis as unknown as WorkersGlobals;
