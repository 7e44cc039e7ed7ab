/** A Worker that counts a page by the product's scanner and by Cloudflare's HTMLRewriter. It takes JSON. */

import { HtmlCounter } from '../../src/count/html/counter.ts';
import { compileHtml } from '../../src/count/html/plan.ts';
import { PostCount } from '../../src/count/post-count.ts';
import { planned } from '../count/planned.ts';
import { countByRewriter, type RewriterCounts, type RewriterEntry } from './html-rewriter.ts';

export interface PageAsked extends RewriterEntry {
  /** The body in base64. */
  readonly body: string;
  readonly contentType: string;
  /** True if the upstream aborts after the body. */
  readonly isCut: boolean;
}

export interface PageAnswer {
  readonly ours: { readonly posts: number; readonly failure?: string };
  readonly rewriter: RewriterCounts;
}

const CHUNK_BYTES = 61;

function countByOurs(body: Uint8Array, isCut: boolean, entry: RewriterEntry): PageAnswer['ours'] {
  const compiled = planned((problems) =>
    compileHtml([{ ...entry, kind: 'post', fallback: false }], problems),
  );
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const found = new PostCount([{ text: entry.html, kind: 'post', counts: true }], false);
  const counter = new HtmlCounter(compiled.plan, found);
  for (let at = 0; at < body.length; at += CHUNK_BYTES) counter.write(body.subarray(at, at + CHUNK_BYTES));
  if (!isCut) counter.end();
  const { failure } = counter;
  return { posts: found.posts, ...(failure === undefined ? {} : { failure }) };
}

async function countOne({ body, contentType, isCut, ...entry }: PageAsked): Promise<PageAnswer> {
  const bytes = new Uint8Array(Buffer.from(body, 'base64'));
  return {
    ours: countByOurs(bytes, isCut, entry),
    rewriter: await countByRewriter(streamOf(bytes, isCut), contentType, entry),
  };
}

function streamOf(bytes: Uint8Array, isCut: boolean): ReadableStream<Uint8Array> {
  const parts = [bytes];
  return new ReadableStream({
    pull: (controller) => {
      const part = parts.pop();
      if (part !== undefined && part.length > 0) controller.enqueue(part);
      else if (isCut) controller.error(new Error('the upstream broke off'));
      else controller.close();
    },
  });
}

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await countOne((await request.json()) as PageAsked));
  },
};
