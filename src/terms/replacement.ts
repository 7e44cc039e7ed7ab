/**
 * Documents that are made from the platform's response at the same path: the merged robots.txt, and tdmrep.json if the
 * platform has none.
 */

import { readCodings } from '../count/content-coding.ts';
import type { DecodeWhole } from '../count/graphql/request-text.ts';
import { fieldValue, withoutHeaders } from '../forward/header-names.ts';
import type { DocumentName } from './documents.ts';
import type { PublishedTerms } from './published.ts';
import { isHtmlPage, robotsText } from './robots/text.ts';
import { type SiteDocument, siteDocument } from './site-document.ts';

/** Crawlers read at least 500 KiB of a robots.txt (RFC 9309, section 2.5), and may ignore the rest. */
export const MAX_ROBOTS_BYTES = 512 * 1024;

/** Why the platform's robots.txt is not merged, or not as a whole. */
export type RobotsFault = 'html' | 'too_long' | 'encoding';

/** The platform's response to a request for a document. */
export interface PlatformDocument {
  readonly status: number;
  /** Flat list for the client, without hop-by-hop fields. */
  readonly headers: readonly string[];
  /** As received, and cut at `MAX_ROBOTS_BYTES`. */
  readonly body: Uint8Array;
  readonly isCut: boolean;
}

interface ReplacementOptions {
  readonly published: PublishedTerms;
  readonly name: DocumentName;
  readonly origin: string;
  /** The request's If-None-Match. */
  readonly ifNoneMatch: string | undefined;
  readonly decode: DecodeWhole;
  readonly onFault: (fault: RobotsFault) => void;
}

export class Replacement {
  readonly #options: ReplacementOptions;

  constructor(options: ReplacementOptions) {
    this.#options = options;
  }

  /**
   * Whether a response with this status is replaced. Redirects and failures are forwarded, because crawlers take a failure
   * as a prohibition of everything. 429 is a failure too.
   */
  appliesTo(status: number): boolean {
    if (this.#options.name !== 'robots.txt') return status === 404 || status === 410;
    return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== 429);
  }

  document(response: PlatformDocument): SiteDocument {
    const { published, name, origin, ifNoneMatch } = this.#options;
    const robots = name === 'robots.txt' && response.status < 300 ? this.#robotsIn(response) : '';
    if (robots === null) return unchanged(response);
    const { text, hash } = published.document(name, origin, robots);
    return siteDocument(name, text, hash, ifNoneMatch);
  }

  /** Null if the body cannot be decoded. */
  #robotsIn({ headers, body, isCut }: PlatformDocument): string | null {
    const { decode, onFault } = this.#options;
    const codings = readCodings(fieldValue(headers, 'content-encoding'));
    const decoded = codings === undefined ? null : decode(codings, body, MAX_ROBOTS_BYTES);
    if (decoded === null) {
      onFault('encoding');
      return null;
    }
    const text = robotsText(decoded);
    if (isHtmlPage(text)) {
      onFault('html');
      return '';
    }
    if (!isCut) return text;
    onFault('too_long');
    return text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);
  }
}

/** A request that gets the whole document, in a form that can be read. @param headers flat list for the platform. */
export function unconditional(headers: readonly string[]): string[] {
  return [...withoutHeaders(headers, CONDITIONS), 'Accept-Encoding', 'identity'];
}

const CONDITIONS = [
  'accept-encoding',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'request-range',
];

function unchanged({ status, headers, body }: PlatformDocument): SiteDocument {
  const pairs: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) pairs.push([headers[at]!.toLowerCase(), headers[at + 1]!]);
  return { status, headers: Object.fromEntries([...pairs, ['content-length', String(body.length)]]), body };
}
