/**
 * Names of elements and attributes in the configuration: `link`, `thr:in-reply-to`, and whether a name in a document
 * matches. A well-known prefix represents its namespace, whatever prefix the document uses.
 */

/** Namespaces of well-known prefixes, including older ones. */
const KNOWN_NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  activity: ['http://activitystrea.ms/spec/1.0/'],
  atom: ['http://www.w3.org/2005/Atom', 'http://purl.org/atom/ns#'],
  content: ['http://purl.org/rss/1.0/modules/content/'],
  dc: ['http://purl.org/dc/elements/1.1/'],
  media: ['http://search.yahoo.com/mrss/', 'http://search.yahoo.com/mrss'],
  rdf: ['http://www.w3.org/1999/02/22-rdf-syntax-ns#'],
  /** RSS 1.0 and 0.90; RSS 2.0 and 0.91 to 0.94 have no namespace. */
  rss: [
    'http://purl.org/rss/1.0/',
    'http://my.netscape.com/rdf/simple/0.9/',
    'http://channel.netscape.com/rdf/simple/0.9/',
  ],
  slash: ['http://purl.org/rss/1.0/modules/slash/'],
  thr: ['http://purl.org/syndication/thread/1.0'],
  wfw: ['http://wellformedweb.org/CommentAPI/'],
};

export interface NameTest {
  readonly prefix: string;
  readonly local: string;
  /** The namespaces of the prefix; null if it is unknown. */
  readonly namespaces: readonly string[] | null;
}

const NAME = /^(?:([\p{L}_][\p{L}\p{N}_.-]*):)?([\p{L}_][\p{L}\p{N}_.-]*)$/u;

/** Undefined if the text is not an XML name with at most one prefix. */
export function parseName(text: string): NameTest | undefined {
  const form = NAME.exec(text);
  if (form === null) return undefined;
  const [, prefix = '', local] = form;
  return { prefix, local: local!, namespaces: KNOWN_NAMESPACES[prefix] ?? null };
}

/** A name in a document. */
export interface FoundName {
  readonly prefix: string;
  readonly local: string;
  /** Undefined if the document does not declare the prefix. */
  readonly namespace: string | undefined;
}

/**
 * A name without a prefix matches elements without a prefix, and elements in the namespace of their parent: `link`
 * matches `atom:link` in an `atom:entry`, but not in an RSS 2.0 item.
 */
export function isElementMeant(test: NameTest, found: FoundName, parent: string | undefined): boolean {
  if (test.local !== found.local) return false;
  if (test.prefix !== '') return isPrefixMeant(test, found);
  return found.prefix === '' || (found.namespace !== undefined && found.namespace === parent);
}

/** Attributes without a prefix have no namespace. */
export function isAttributeMeant(test: NameTest, found: FoundName): boolean {
  if (test.local !== found.local) return false;
  return test.prefix === '' || found.prefix === ''
    ? test.prefix === found.prefix
    : isPrefixMeant(test, found);
}

function isPrefixMeant(test: NameTest, found: FoundName): boolean {
  if (test.namespaces === null || found.namespace === undefined) return test.prefix === found.prefix;
  return test.namespaces.includes(found.namespace);
}
