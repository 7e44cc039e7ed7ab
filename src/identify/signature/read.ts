/** Reads the signatures of Web Bot Auth from the fields of a request (RFC 9421, section 4). Nothing is verified here. */

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
  /** The value of `@signature-params`: the signer's own text. */
  readonly paramsText: string;
  /** Seconds since the epoch; null if absent or not an integer. */
  readonly created: number | null;
  readonly expires: number | null;
  readonly keyid: string | null;
  readonly alg: string | null;
  readonly nonce: string | null;
  readonly value: Uint8Array;
  /** Whom Signature-Agent names under this label. `absent`: the request has no such field. */
  readonly signer: Signer | 'absent' | 'unusable';
  /** Identifier of the component by which the signature covers its signer. */
  readonly signerComponent: string;
}

export type ReadReason = 'unreadable' | 'field_too_long' | 'too_many_signatures' | 'signature_missing';

export type ReadResult =
  | { readonly kind: 'signatures'; readonly signatures: readonly ClaimedSignature[] }
  | { readonly kind: 'fault'; readonly reason: ReadReason };

/** Returns null if the request carries no signature with the tag. @param headers flat list of names and values. */
export function readSignatures(headers: readonly string[]): ReadResult | null {
  const inputs = fieldLines(headers, 'signature-input');
  if (inputs === null || !inputs.some((line) => line.includes(SIGNATURE_TAG))) return null;
  try {
    return read(inputs, headers);
  } catch (error) {
    // The parser throws on a field that RFC 9651 does not allow.
    return { kind: 'fault', reason: error instanceof RangeError ? 'field_too_long' : 'unreadable' };
  }
}

function read(inputs: readonly string[], headers: readonly string[]): ReadResult | null {
  const tagged = [...membersOf(fieldText(inputs))].filter(
    ([, { value }]) => value[1].get('tag') === SIGNATURE_TAG,
  );
  if (tagged.length === 0) return null;
  if (tagged.length > MAX_SIGNATURES) return { kind: 'fault', reason: 'too_many_signatures' };
  const valueLines = fieldLines(headers, 'signature');
  if (valueLines === null) return { kind: 'fault', reason: 'signature_missing' };
  const values = membersOf(fieldText(valueLines));
  const signers = readSigners(headers, tagged.length === 1);
  const signatures: ClaimedSignature[] = [];
  for (const [label, member] of tagged) {
    const value = values.get(label)?.value[0];
    if (!(value instanceof ArrayBuffer)) return { kind: 'fault', reason: 'signature_missing' };
    signatures.push({ ...claimed(label, member), ...signers(label), value: new Uint8Array(value) });
  }
  return { kind: 'signatures', signatures };
}

function claimed(label: string, { text, value }: Member) {
  if (!isInnerList(value)) throw new SyntaxError('the member is not a list of components');
  const [items, parameters]: InnerList = value;
  return {
    label,
    components: items.map(componentOf),
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

type SignerByLabel = (label: string) => Pick<ClaimedSignature, 'signer' | 'signerComponent'>;

/**
 * Reads Signature-Agent in both forms. The older bare string begins with a quote and belongs to the only signature.
 */
function readSigners(headers: readonly string[], isOnlySignature: boolean): SignerByLabel {
  const lines = fieldLines(headers, 'signature-agent');
  if (lines === null) return () => ({ signer: 'absent', signerComponent: '"signature-agent"' });
  const field = fieldText(lines);
  if (field.startsWith('"')) {
    const signer = isOnlySignature ? signerOfItem(parseItem(field)) : 'unusable';
    return () => ({ signer, signerComponent: '"signature-agent"' });
  }
  const members = membersOf(field);
  return (label) => {
    const value = members.get(label)?.value;
    return {
      signer: value === undefined || isInnerList(value) ? 'unusable' : signerOfItem(value),
      signerComponent: `"signature-agent";key="${label}"`,
    };
  };
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
