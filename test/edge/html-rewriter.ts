/** Counts a page by Cloudflare's HTMLRewriter with the selectors of one entry. */

import type { Element, HTMLRewriter, Response, ResponseInit } from '@cloudflare/workers-types';

export interface RewriterCounts {
  /** Elements that started. */
  readonly begun: number;
  /** Of these, elements whose end was reported. */
  readonly ended: number;
  /** Why HTMLRewriter failed. */
  readonly error?: string;
}

export interface RewriterEntry {
  readonly html: string;
  readonly not?: string;
}

interface WorkersGlobals {
  readonly HTMLRewriter: new () => HTMLRewriter;
  readonly Response: new (body: unknown, init: ResponseInit) => Response;
}

const { HTMLRewriter: Rewriter, Response: Answer } = globalThis as unknown as WorkersGlobals;

export async function countByRewriter(
  body: globalThis.ReadableStream<Uint8Array>,
  contentType: string,
  { html, not }: RewriterEntry,
): Promise<RewriterCounts> {
  const count = new Count();
  try {
    const rewriter = new Rewriter().on('*', { element: () => count.begins() });
    if (not !== undefined) rewriter.on(not, { element: (element) => count.excludes(element) });
    rewriter.on(html, { element: (element) => count.finds(element) });
    await rewriter.transform(new Answer(body, { headers: { 'content-type': contentType } })).arrayBuffer();
  } catch (error) {
    return { begun: count.begun, ended: count.ended, error: String(error) };
  }
  return { begun: count.begun, ended: count.ended };
}

/** HTMLRewriter calls the handlers of an element in the order of their registration. */
class Count {
  begun = 0;
  ended = 0;
  /** Open elements whose content is excluded. */
  #excluding = 0;
  #isExcluded = false;

  begins(): void {
    this.#isExcluded = this.#excluding > 0;
  }

  excludes(element: Element): void {
    this.#isExcluded = true;
    if (!onEnd(element, () => this.#excluding--)) return;
    this.#excluding++;
  }

  finds(element: Element): void {
    if (this.#isExcluded) return;
    this.begun++;
    if (!onEnd(element, () => this.ended++)) this.ended++;
  }
}

/** Returns false for an element without content and end tag. */
function onEnd(element: Element, done: () => void): boolean {
  try {
    element.onEndTag(() => done());
    return true;
  } catch {
    return false;
  }
}
