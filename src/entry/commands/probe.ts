/** `postmeter probe`: fetches a few pages of a platform and proposes how to count its posts. */

import { Command, InvalidArgumentError } from 'commander';
import { PRESETS } from '../../count/presets/presets.ts';
import { probeReport } from '../../probe/report.ts';
import { fetchSite } from '../probe/site-pages.ts';
import { UsageError } from '../usage-error.ts';
import { readHeader } from './options/header-option.ts';

const MORE_HELP = `
Prints JSON: the proposed configuration, the posts that it counts on the fetched pages, doubts, what could not be
determined, and the pages. For the front page of a site (a URL that ends with a slash), it also fetches the feeds and
APIs that the page links to, the paths of known platforms and a few pages of single posts.

  postmeter probe https://blog.example
  postmeter probe https://www.example/blog/
  postmeter probe 'https://api.example/v1/posts?limit=50' --header 'Authorization: Bearer ...'`;

interface ProbeOptions {
  readonly header: readonly string[];
  readonly pages: number;
}

export function probeCommand(): Command {
  return new Command('probe')
    .description('fetch a few pages of a platform and propose how to count its posts; prints JSON')
    .argument('<url>', 'a page with posts, or the front page of the platform', readUrl)
    .option('--header <line>', "header of the requests, 'name: value'; may be repeated", readHeader, [])
    .option(
      '--pages <number>',
      'number of pages to follow from the first one, or of single posts to fetch',
      readPages,
      3,
    )
    .addHelpText('after', MORE_HELP)
    .action(async (url: URL, options: ProbeOptions, command: Command) => {
      const site = await fetchSite(url, options);
      if (site === null) throw new UsageError(`${url.href} did not respond; check the URL`);
      const { configuration, ...report } = probeReport(site.pages, PRESETS, site.bases);
      const shown = { configuration, url: url.href, ...report };
      command.configureOutput().writeOut?.(`${JSON.stringify(shown, null, 2)}\n`);
    });
}

function readUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new InvalidArgumentError('Use a URL that starts with http:// or https://.');
  }
  const url = new URL(text);
  // An InvalidArgumentError would repeat the argument and so print the password.
  if (url.username !== '' || url.password !== '') {
    throw new UsageError("remove user and password from the URL; use --header 'Authorization: ...' instead");
  }
  return url;
}

function readPages(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Use a number from 1 to 99.');
  return Number(text);
}
