/** The part of the runtime's own module that we use; the package's types would clash with those of Node. */

declare module 'cloudflare:workers' {
  import type { DurableObjectState } from '@cloudflare/workers-types';

  /** Keeps the request in whose course it is called alive until the promise is settled. */
  export function waitUntil(promise: Promise<unknown>): void;

  /** Its subclasses' public methods can be called over RPC. */
  export abstract class DurableObject<Env> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    alarm?(): Promise<void>;
  }
}
