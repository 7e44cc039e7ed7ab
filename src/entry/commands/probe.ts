/** `postmeter probe`: looks at a few pages of a platform and proposes how to count its posts. */

import { Command, InvalidArgumentError } from 'commander';
import { pairsOf } from '../../adapters/node/raw-headers.ts';
import { PRESETS } from '../../count/presets/presets.ts';
import { DOORS, nextTarget } from '../../probe/doors.ts';
import type { ProbedPage } from '../../probe/page.ts';
import { probeReport } from '../../probe/report.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { readHeader } from './header-option.ts';

const MORE_HELP = `
Prints JSON: what to write in the configuration, the posts that it counts on the pages, and what is doubtful.
Of a site's front (a URL without a path) the paths of the known platforms are looked at.

  postmeter probe https://blog.example
  postmeter probe 'https://api.example/v1/posts?limit=50' --header 'Authorization: Bearer ...'`;

/** A page that is longer is cut there, and counts as cut. */
const MAX_PAGE_BYTES = 32 * 1024 ** 2;
const TIMEOUT_MS = 20_000;

interface ProbeOptions {
  readonly header: readonly string[];
  readonly pages: number;
}

export function probeCommand(): Command {
  return new Command('probe')
    .description('look at a few pages of a platform and propose how to count its posts; prints JSON')
    .argument('<url>', 'a page with posts, or the front of the platform', readUrl)
    .option('--header <line>', "header of the requests, 'name: value'; may be repeated", readHeader, [])
    .option('--pages <number>', 'pages to follow from the first one', readPages, 3)
    .addHelpText('after', MORE_HELP)
    .action(async (url: URL, options: ProbeOptions, command: Command) => {
      const pages = await fetchPages(url, options);
      if (pages.length === 0) throw new UsageError(`${url.href} did not answer; check the URL`);
      const report = probeReport(pages, PRESETS);
      command.configureOutput().writeOut?.(`${JSON.stringify({ url: url.href, ...report }, null, 2)}\n`);
    });
}

async function fetchPages(url: URL, options: ProbeOptions): Promise<ProbedPage[]> {
  const isFront = url.pathname === '/' && url.search === '';
  if (!isFront) return followPages(url, options);
  const pages = await Promise.all(DOORS.map((door) => fetchPage(url, door, options.header)));
  return pages.filter((page) => page !== null && page.status >= 200 && page.status < 300) as ProbedPage[];
}

async function followPages(url: URL, { header, pages }: ProbeOptions): Promise<ProbedPage[]> {
  const fetched: ProbedPage[] = [];
  const seen = new Set<string>();
  let target: string | null = url.pathname + url.search;
  while (target !== null && fetched.length < pages && !seen.has(target)) {
    seen.add(target);
    const page: ProbedPage | null = await fetchPage(url, target, header);
    if (page === null) break;
    fetched.push(page);
    target = nextTarget(url, page.link, page.body);
  }
  return fetched;
}

/** Null if there was no answer; an answer of any status is one. */
async function fetchPage(base: URL, target: string, header: readonly string[]): Promise<ProbedPage | null> {
  const headers = new Headers(pairsOf(header));
  if (!headers.has('User-Agent')) headers.set('User-Agent', `postmeter-probe/${VERSION}`);
  headers.set('Accept-Encoding', 'identity');
  // A stream never ends by itself: what has come when the time is over counts as cut.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(new URL(target, base), {
      headers,
      redirect: 'manual',
      signal: controller.signal,
    });
    return {
      target,
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      link: answer.headers.get('link') ?? '',
      body: await beginningOf(answer.body, controller),
    };
  } catch (error) {
    // The report shows by what is missing that there was no answer. `fetch` throws a TypeError for a failed hop.
    if (error instanceof TypeError || controller.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** All of a body, or as much as came before it grew too long or took too long. */
async function beginningOf(
  body: AsyncIterable<Uint8Array> | null,
  controller: AbortController,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_PAGE_BYTES) break;
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  }
  return Buffer.concat(chunks);
}

function readUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new InvalidArgumentError('Write a URL that begins with http:// or https://.');
  }
  const url = new URL(text);
  // Not as an argument's fault, which would be told with the argument in it.
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      "leave user and password out of the URL; send --header 'Authorization: ...' instead",
    );
  }
  return url;
}

function readPages(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Write a number from 1 to 99.');
  return Number(text);
}
