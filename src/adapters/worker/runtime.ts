/** The globals of the Workers' runtime with its own types, because the compiler sees Node's types under the same names. */

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
  /** Part of ES2024, which Node has from version 22 on. */
  readonly Promise: {
    withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void };
  };
}

export const runtime = globalThis as unknown as WorkersGlobals;
