/** Recognises the asker of every request from memory: its agent before its client is known, then its class. */

import { LRUCache } from 'lru-cache';
import type { Asker } from '../../rights/asker.ts';
import { type Address, parseAddress } from '../address.ts';
import type { Peer } from '../peer.ts';
import type { IdentifySettings } from '../settings.ts';
import { browserCheck } from './behaviour.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { type AskingClient, classByBehaviour, classByEvidence } from './classify.ts';
import { type AgentFacts, type AgentPart, agentParts } from './evidence.ts';
import { graceOf } from './grace.ts';
import type { AgentKnowledge, CatalogueAgent, SignatureCheck, SignatureOutcome } from './port.ts';
import { type AskerHead, type AskingRequest, askerHead } from './request-head.ts';
import { sessionCheck } from './sessions.ts';
import type { GraceSettings } from './settings.ts';

/** What a request shows before its client is known. */
export interface Recognised {
  /** The strictest first; empty if no agent is claimed or proven. */
  readonly agents: readonly AgentPart[];
  readonly isLikeBrowser: boolean;
  /** Null if the request is not signed. */
  readonly signature: SignatureOutcome | null;
}

export interface AskersOptions {
  readonly catalogue: Catalogue;
  readonly knowledge: AgentKnowledge;
  readonly signatures: SignatureCheck;
  readonly grace: GraceSettings;
  readonly settings: Pick<IdentifySettings, 'humanMaxPosts' | 'sessions'>;
  readonly peer: (remote: string | undefined) => Peer;
  /** Called once per client and UTC day if a client that looks like people takes more than `humanMaxPosts`. */
  readonly onNotHuman: (clientId: string) => void;
}

export interface Askers {
  /** @param address of the client, in canonical form. */
  recognise(request: AskingRequest, address: string, nowMs: number): Recognised;
  /** @param posts of the client in its window, as far as this process knows. */
  classify(
    recognised: Recognised,
    client: AskingClient & { readonly clientId: string; readonly address: string },
    request: AskingRequest,
    posts: number,
    nowMs: number,
  ): Asker;
}

/** An address, and the operators of agents whose published ranges contain it. */
interface KnownAddress {
  readonly address: Address;
  readonly operators: AgentFacts['operators'];
  readonly untilMs: number;
}

const CACHED = 10_000;
/** Lists of ranges change once a day. */
const ADDRESS_KEPT_MS = 10_000;
const NO_ADDRESS: Address = { text: 'unknown', bytes: [0, 0, 0, 0] };
const NO_OPERATORS: AgentFacts['operators'] = new Map();
const LIKE_BROWSER: Recognised = { agents: [], isLikeBrowser: true, signature: null };
const UNLIKE_BROWSER: Recognised = { agents: [], isLikeBrowser: false, signature: null };

/** Creates the recognition of askers. Nothing here waits for I/O. */
export function createAskers(options: AskersOptions): Askers {
  const { catalogue, knowledge, signatures, settings } = options;
  const addresses = new LRUCache<string, KnownAddress>({ max: CACHED });
  const isLikeBrowser = browserCheck();
  const takeGrace = graceOf(options.grace);
  const hasSession = sessionCheck(settings.sessions);
  const overHuman = oncePerDay(options.onNotHuman);

  const knownAddress = (text: string, nowMs: number): KnownAddress => {
    let known = addresses.get(text);
    if (known === undefined || nowMs >= known.untilMs || nowMs < known.untilMs - ADDRESS_KEPT_MS) {
      const address = parseAddress(text) ?? NO_ADDRESS;
      const operators = operatorsAt(address, knowledge, catalogue, nowMs);
      known = { address, operators, untilMs: nowMs + ADDRESS_KEPT_MS };
      addresses.set(text, known);
    }
    return known;
  };

  const isHttps = ({ secure, peer }: AskingRequest, { forwardedProto }: AskerHead): boolean =>
    secure || (forwardedProto?.toLowerCase() === 'https' && options.peer(peer).trusted);

  const signatureOf = (
    request: AskingRequest,
    head: AskerHead,
    address: Address,
    nowMs: number,
  ): AgentFacts['signature'] => {
    if (!head.isSigned) return null;
    const { method, target, host, headers } = request;
    const secure = isHttps(request, head);
    const outcome = signatures.check({ method, target, host, secure, headers, address, nowMs });
    return outcome === null ? null : { ...outcome, agents: catalogue.signedBy(outcome.signer) };
  };

  return {
    recognise(request, addressText, nowMs) {
      const head = askerHead(request.headers);
      const { address, operators } = knownAddress(addressText, nowMs);
      const claimed = head.userAgent === '' ? [] : catalogue.claimedBy(head.userAgent);
      const signature = signatureOf(request, head, address, nowMs);
      if (claimed.length === 0 && operators.size === 0 && signature === null) {
        return isLikeBrowser(head, isHttps(request, head)) ? LIKE_BROWSER : UNLIKE_BROWSER;
      }
      const claims = claimed.map((agent) => ({ agent, ...knowledge.judge(address, agent, nowMs) }));
      const agents = agentParts({ claims, operators, signature });
      const isBrowser = agents.length === 0 && isLikeBrowser(head, isHttps(request, head));
      return { agents, isLikeBrowser: isBrowser, signature };
    },

    classify(recognised, client, request, posts, nowMs) {
      const asker = classByEvidence(client, recognised.agents);
      if (asker !== null) {
        const hasGrace =
          asker.class === 'search' && asker.verdict === 'pending' && asker.evidence === 'claim';
        if (!hasGrace || !takeGrace(client.address, nowMs)) return asker;
        const { alsoAs, ...graced } = asker;
        return graced;
      }
      if (!recognised.isLikeBrowser) return classByBehaviour({ ...recognised, isLikePerson: false });
      const isLikePerson = posts <= settings.humanMaxPosts || hasSession(request.headers);
      if (!isLikePerson) overHuman(client.clientId, nowMs);
      return classByBehaviour({ isLikeBrowser: true, isLikePerson });
    },
  };
}

function operatorsAt(
  address: Address,
  knowledge: AgentKnowledge,
  catalogue: Catalogue,
  nowMs: number,
): AgentFacts['operators'] {
  const operators = address === NO_ADDRESS ? [] : knowledge.operatorsOf(address, nowMs);
  if (operators.length === 0) return NO_OPERATORS;
  return new Map<string, readonly CatalogueAgent[]>(
    operators.map((operator) => [operator, catalogue.ofOperator(operator)]),
  );
}

/** Clients remembered in a day. Beyond this number, further ones are not reported. */
const MAX_REPORTED = 10_000;
const DAY_MS = 86_400_000;

function oncePerDay(report: (clientId: string) => void): (clientId: string, nowMs: number) => void {
  let day = Number.NaN;
  const reported = new Set<string>();
  return (clientId, nowMs) => {
    const today = Math.floor(nowMs / DAY_MS);
    if (today !== day) reported.clear();
    day = today;
    if (reported.has(clientId) || reported.size >= MAX_REPORTED) return;
    reported.add(clientId);
    report(clientId);
  };
}
