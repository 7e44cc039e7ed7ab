/**
 * The policy as a licence in RSL 1.0 (https://rslstandard.org/rsl). A name that the specification does not have makes a
 * document invalid, so the types of this module list all names.
 */

import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom';
import { permissionAt, purposeRules } from './permission.ts';
import type { Permission, Policy, Purpose } from './policy.ts';

export const RSL_NAMESPACE = 'https://rslstandard.org/rsl';
export const RSL_MEDIA_TYPE = 'application/rsl+xml';

/** The usage of each purpose, and how it is paid for. RSL has no usage for the other purposes. */
export const RSL_USAGES = [
  { purpose: 'search', usage: 'search', payment: 'use' },
  { purpose: 'ai_input', usage: 'ai-input', payment: 'use' },
  { purpose: 'ai_training', usage: 'ai-train', payment: 'training' },
] as const satisfies ReadonlyArray<{
  readonly purpose: Purpose;
  readonly usage: string;
  readonly payment: string;
}>;

type RslUsage = (typeof RSL_USAGES)[number] & { readonly permission: Permission };

/**
 * Returns the document. It has one `content` for the whole site, and one for each path with exceptions; the longest
 * matching path applies. A usage that the policy does not state is absent.
 */
export function rslDocument(policy: Policy): string {
  const document = new DOMImplementation().createDocument(RSL_NAMESPACE, 'rsl');
  for (const path of rslPaths(policy)) {
    const content = addElement(document.documentElement!, 'content', { url: path });
    addLicences(content, policy, statedUsages(policy, path));
    const { name, email } = policy.rightsholder;
    addElement(content, 'copyright', { type: 'organization', contactEmail: email }, name);
    addElement(content, 'terms', {}, policy.terms.url);
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document)}\n`;
}

/** A licence without charge with what is permitted and prohibited, and one for each kind of payment. */
function addLicences(content: Element, { terms }: Policy, usages: readonly RslUsage[]): void {
  const tokens = (permission: Permission) =>
    usages.filter((one) => one.permission === permission).map(({ usage }) => usage);
  const [permitted, prohibited] = [tokens('allow'), tokens('deny')];
  if (permitted.length + prohibited.length > 0) {
    const free = addElement(content, 'license');
    if (permitted.length > 0) addElement(free, 'permits', { type: 'usage' }, permitted.join(' '));
    if (prohibited.length > 0) addElement(free, 'prohibits', { type: 'usage' }, prohibited.join(' '));
    if (permitted.length > 0) addElement(free, 'payment', { type: 'free' });
  }
  const licensed = usages.filter(({ permission }) => permission === 'licence');
  for (const payment of new Set(licensed.map((one) => one.payment))) {
    const its = licensed.filter((one) => one.payment === payment).map(({ usage }) => usage);
    const paid = addElement(content, 'license');
    addElement(paid, 'permits', { type: 'usage' }, its.join(' '));
    addElement(addElement(paid, 'payment', { type: payment }), 'custom', {}, terms.url);
  }
}

type RslElement =
  | 'content'
  | 'license'
  | 'permits'
  | 'prohibits'
  | 'payment'
  | 'custom'
  | 'copyright'
  | 'terms';
type RslAttribute = 'url' | 'type' | 'contactEmail';

function addElement(
  parent: Element,
  name: RslElement,
  attributes: Partial<Record<RslAttribute, string>> = {},
  text = '',
): Element {
  const document = parent.ownerDocument!;
  const element = document.createElementNS(RSL_NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== '') element.appendChild(document.createTextNode(text));
  parent.appendChild(element);
  return element;
}

/** The site, and the paths below which a usage has another permission than above. */
function rslPaths(policy: Policy): string[] {
  const rules = RSL_USAGES.flatMap(({ purpose }) => purposeRules(policy, purpose));
  return [...new Set(rules.map(({ path }) => path))].toSorted((a, b) => a.length - b.length);
}

function statedUsages(policy: Policy, path: string): RslUsage[] {
  return RSL_USAGES.flatMap((one) => {
    const rules = purposeRules(policy, one.purpose);
    const isStated = rules.some((rule) => rule.permission !== undefined && path.startsWith(rule.path));
    return isStated ? [{ ...one, permission: permissionAt(rules, path) }] : [];
  });
}
