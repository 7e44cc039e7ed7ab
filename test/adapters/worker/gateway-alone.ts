/**
 * The gateway's Worker with fake objects in memory, to test the isolate alone. Requests to the host `fakes.test` control
 * the fakes and return what they hold.
 */

import { DurableObject } from 'cloudflare:workers';
import type { JWK } from 'jose';
import type { EdgeBindings } from '../../../src/adapters/durable-object/bindings.ts';
import type {
  ClientObjectMethods,
  DirectoryObjectMethods,
  DirectoryVersion,
  ObjectTotal,
  SentUsage,
} from '../../../src/adapters/edge/protocol.ts';
import { serve } from '../../../src/entry/edge/gateway.ts';
import type { StoredDirectory } from '../../../src/identify/signature/port.ts';
import type { Signer } from '../../../src/identify/signature/signer.ts';
import type { Usage } from '../../../src/meter/usage.ts';

/** How the fakes behave. One process runs one test at a time. */
export interface Behaviour {
  readonly answerAfterMs: number;
  /** Number of the next calls that fail. */
  readonly failures: number;
  /** True if a failing call takes its usage first. */
  readonly failsAfterTaking: boolean;
  /** What every signer publishes. */
  readonly signerKeys: readonly JWK[];
}

let behaviour: Behaviour = { answerAfterMs: 0, failures: 0, failsAfterTaking: false, signerKeys: [] };
let calls = 0;
let taken: SentUsage[] = [];
let directory: DirectoryVersion = {
  version: '1',
  snapshot: { clients: [], identifiers: [], tariffs: [], policies: [], policyVersions: [] },
  keySecret: new Uint8Array(32),
};

export class ClientObject extends DurableObject<EdgeBindings> implements ClientObjectMethods {
  async correct(): Promise<void> {}

  async wake(): Promise<boolean> {
    return true;
  }

  readonly #last = new Map<string, number>();
  #posts = 0;

  async record(sent: SentUsage): Promise<ObjectTotal> {
    calls++;
    const { answerAfterMs, failures, failsAfterTaking } = behaviour;
    const fails = failures > 0;
    if (fails) behaviour = { ...behaviour, failures: failures - 1 };
    if (answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    if (fails && !failsAfterTaking) throw new Error('the fake fails');
    if (sent.sequence > (this.#last.get(sent.sender) ?? 0)) {
      this.#last.set(sent.sender, sent.sequence);
      this.#posts += sent.usage.reduce((sum, { posts }) => sum + posts, 0);
      taken.push(sent);
    }
    if (fails) throw new Error('the fake fails');
    return this.total(sent.clientId);
  }

  async total(clientId: string): Promise<ObjectTotal> {
    const asOfMs = Math.floor(Date.now() / 60_000) * 60_000;
    return { clientId, posts: this.#posts, oldestMs: asOfMs, asOfMs, isKnown: true };
  }
}

export class DirectoryObject extends DurableObject<EdgeBindings> implements DirectoryObjectMethods {
  async directory(known: string | null): Promise<DirectoryVersion | null> {
    return known === directory.version ? null : directory;
  }

  async refresh(): Promise<void> {}

  async lookAfter(): Promise<void> {}

  async agentLists(): Promise<[]> {
    return [];
  }

  async agentVerdict(): Promise<null> {
    return null;
  }

  async signerDirectory({ name }: Signer): Promise<StoredDirectory> {
    const triedMs = Date.now();
    const times = { triedMs, fetchedMs: triedMs, freshUntilMs: triedMs + 3_600_000 };
    return { name, ...times, keys: behaviour.signerKeys, failure: null, failures: 0 };
  }
}

export class LedgerObject extends DurableObject<EdgeBindings> {}
export class RightsObject extends DurableObject<EdgeBindings> {}
export class AdministrationObject extends DurableObject<EdgeBindings> {}

/** The content of the fakes. */
export interface Held {
  readonly calls: number;
  readonly usage: readonly (Usage & { readonly ids?: unknown })[];
}

export default {
  async fetch(request: Request, env: EdgeBindings): Promise<unknown> {
    const { hostname, pathname } = new URL(request.url);
    if (hostname !== 'fakes.test') return serve(request as never, env);
    if (pathname === '/behave') behaviour = (await request.json()) as Behaviour;
    if (pathname === '/directory') directory = { ...directory, ...((await request.json()) as object) };
    const held: Held = { calls, usage: taken.flatMap((sent) => sent.usage) };
    if (pathname === '/forget') {
      calls = 0;
      taken = [];
    }
    return Response.json(held);
  },
};
