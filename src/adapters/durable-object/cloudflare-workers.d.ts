/** The part of the runtime's module that we use. The package's own declaration clashes with the types of Node. */

declare module 'cloudflare:workers' {
  import type { DurableObjectState } from '@cloudflare/workers-types';

  /** Keeps the current request alive until the promise is settled. */
  export function waitUntil(promise: Promise<unknown>): void;

  /** Public methods of subclasses can be called over RPC. */
  export abstract class DurableObject<Env> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    alarm?(): Promise<void>;
  }
}
