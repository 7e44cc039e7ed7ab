/** Reads the signatures of Web Bot Auth from the fields of a request (RFC 9421, section 4). Nothing is verified here. */

import { LRUCache } from 'lru-cache';
import {
  type InnerList,
  type Item,
  isInnerList,
  type Parameters,
  parseItem,
  serializeItem,
} from 'structured-headers';
import { fieldLines, fieldText, type Member, membersOf } from './fields.ts';
import { type Signer, signerOf } from './signer.ts';

export const SIGNATURE_TAG = 'web-bot-auth';
/** A request that carries more signatures with the tag is not read. */
const MAX_SIGNATURES = 4;

/** A covered component. */
export interface Component {
  /** Lower case; derived components begin with `@`. */
  readonly name: string;
  readonly parameters: Parameters;
  /** The identifier as it is written in the signature base. */
  readonly id: string;
}

export interface ClaimedSignature {
  readonly label: string;
  readonly components: readonly Component[];
  /** The identifiers of the components. */
  readonly ids: ReadonlySet<string>;
  /** True if a component is covered twice, whatever the order of its parameters. */
  readonly hasRepeats: boolean;
  /** The value of `@signature-params`: the signer's own text. */
  readonly paramsText: string;
  /** Seconds since the epoch; null if absent or not an integer. */
  readonly created: number | null;
  readonly expires: number | null;
  readonly keyid: string | null;
  readonly alg: string | null;
  readonly nonce: string | null;
  readonly value: Uint8Array;
  /** The bytes of `value` as characters. */
  readonly valueText: string;
  /** Whom Signature-Agent names under this label. `absent`: the request has no such field. */
  readonly signer: Signer | 'absent' | 'unusable';
  /** Identifier of the component by which the signature covers its signer, and its value in the signature base. */
  readonly signerComponent: string;
  readonly signerValue: string;
}

export type ReadReason = 'unreadable' | 'field_too_long' | 'too_many_signatures' | 'signature_missing';

export type ReadResult =
  | { readonly kind: 'signatures'; readonly signatures: readonly ClaimedSignature[] }
  | { readonly kind: 'fault'; readonly reason: ReadReason };

/** The lines of the three fields of a request. */
interface SignatureFields {
  readonly inputs: readonly string[];
  readonly values: readonly string[] | null;
  readonly agents: readonly string[] | null;
}

/** Characters of fields whose reading is kept. Signers repeat a signature while it is valid, and parsing takes 20 µs. */
const MAX_KEPT_CHARS = 2_000_000;

/**
 * Creates the reader. It returns null if a request carries no signature with the tag.
 * @returns a function of the flat list of names and values.
 */
export function signatureReader(): (headers: readonly string[]) => ReadResult | null {
  const kept = new LRUCache<string, ReadResult>({
    maxSize: MAX_KEPT_CHARS,
    sizeCalculation: (_result, key) => key.length,
  });
  return (headers) => {
    const inputs = fieldLines(headers, 'signature-input');
    if (inputs === null || !inputs.some((line) => line.includes(SIGNATURE_TAG))) return null;
    const fields = {
      inputs,
      values: fieldLines(headers, 'signature'),
      agents: fieldLines(headers, 'signature-agent'),
    };
    // Lines of fields contain neither CR nor LF.
    const key = [inputs, fields.values, fields.agents].map((lines) => lines?.join('\n') ?? '\n').join('\r');
    const known = kept.get(key);
    if (known !== undefined) return known;
    const result = readOrFault(fields);
    if (result !== null) kept.set(key, result);
    return result;
  };
}

function readOrFault(fields: SignatureFields): ReadResult | null {
  try {
    return read(fields);
  } catch (error) {
    // The parser throws on a field that RFC 9651 does not allow.
    return { kind: 'fault', reason: error instanceof RangeError ? 'field_too_long' : 'unreadable' };
  }
}

function read(fields: SignatureFields): ReadResult | null {
  const tagged = [...membersOf(fieldText(fields.inputs))].filter(
    ([, { value }]) => value[1].get('tag') === SIGNATURE_TAG,
  );
  if (tagged.length === 0) return null;
  if (tagged.length > MAX_SIGNATURES) return { kind: 'fault', reason: 'too_many_signatures' };
  if (fields.values === null) return { kind: 'fault', reason: 'signature_missing' };
  const values = membersOf(fieldText(fields.values));
  const signers = readSigners(fields.agents, tagged.length === 1);
  const signatures: ClaimedSignature[] = [];
  for (const [label, member] of tagged) {
    const bytes = values.get(label)?.value[0];
    if (!(bytes instanceof ArrayBuffer)) return { kind: 'fault', reason: 'signature_missing' };
    const value = new Uint8Array(bytes);
    const valueText = String.fromCharCode(...value);
    signatures.push({ ...claimed(label, member), ...signers(label), value, valueText });
  }
  return { kind: 'signatures', signatures };
}

function claimed(label: string, { text, value }: Member) {
  if (!isInnerList(value)) throw new SyntaxError('the member is not a list of components');
  const [items, parameters]: InnerList = value;
  const components = items.map(componentOf);
  return {
    label,
    components,
    ids: new Set(components.map(({ id }) => id)),
    hasRepeats: new Set(components.map(comparableId)).size < components.length,
    paramsText: text,
    created: wholeNumber(parameters.get('created')),
    expires: wholeNumber(parameters.get('expires')),
    keyid: stringOrNull(parameters.get('keyid')),
    alg: stringOrNull(parameters.get('alg')),
    nonce: stringOrNull(parameters.get('nonce')),
  };
}

function componentOf(item: Item): Component {
  const [name, parameters] = item;
  if (typeof name !== 'string') throw new SyntaxError('the name of a component is not a string');
  return { name, parameters, id: serializeItem(item) };
}

type SignerByLabel = (label: string) => Pick<ClaimedSignature, 'signer' | 'signerComponent' | 'signerValue'>;

/** Reads Signature-Agent in both forms. The older string begins with a quote and belongs to the only signature. */
function readSigners(lines: readonly string[] | null, isOnlySignature: boolean): SignerByLabel {
  const whole = { signerComponent: '"signature-agent"', signerValue: '' };
  if (lines === null) return () => ({ ...whole, signer: 'absent' });
  const field = fieldText(lines);
  if (field.startsWith('"')) {
    const signer = isOnlySignature ? signerOfItem(parseItem(field)) : 'unusable';
    return () => ({ ...whole, signer, signerValue: field });
  }
  const members = membersOf(field);
  return (label) => {
    const signerComponent = `"signature-agent";key="${label}"`;
    const value = members.get(label)?.value;
    if (value === undefined || isInnerList(value))
      return { signer: 'unusable', signerComponent, signerValue: '' };
    return { signer: signerOfItem(value), signerComponent, signerValue: serializeItem(value) };
  };
}

/** Identifiers are equal if their parameters are, in any order (RFC 9421, section 2). */
function comparableId({ name, parameters, id }: Component): string {
  if (parameters.size < 2) return id;
  return JSON.stringify([name, [...parameters].map(([key, value]) => `${key}=${String(value)}`).sort()]);
}

function signerOfItem([url, parameters]: Item): Signer | 'unusable' {
  if (typeof url !== 'string') return 'unusable';
  const type = parameters.get('type');
  return signerOf(url, type === undefined ? undefined : String(type)) ?? 'unusable';
}

function wholeNumber(value: unknown): number | null {
  return Number.isInteger(value) ? (value as number) : null;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
