/** `postmeter probe`: looks at a few pages of a platform and proposes how to count its posts. */

import { Command, InvalidArgumentError } from 'commander';
import { PRESETS } from '../../count/presets/presets.ts';
import { probeReport } from '../../probe/report.ts';
import { fetchSite } from '../probe/site-pages.ts';
import { UsageError } from '../usage-error.ts';
import { readHeader } from './header-option.ts';

const MORE_HELP = `
Prints JSON: first what to write in the configuration, then the posts that it counts on the pages, what is doubtful or
could not be seen, and the pages. At the front of a site (a URL that ends with a slash) it looks at the feeds and APIs
that the front names, at the paths of the known platforms and at a few pages of single posts.

  postmeter probe https://blog.example
  postmeter probe https://www.example/blog/
  postmeter probe 'https://api.example/v1/posts?limit=50' --header 'Authorization: Bearer ...'`;

interface ProbeOptions {
  readonly header: readonly string[];
  readonly pages: number;
}

export function probeCommand(): Command {
  return new Command('probe')
    .description('look at a few pages of a platform and propose how to count its posts; prints JSON')
    .argument('<url>', 'a page with posts, or the front of the platform', readUrl)
    .option('--header <line>', "header of the requests, 'name: value'; may be repeated", readHeader, [])
    .option(
      '--pages <number>',
      'pages to follow from the first one, or single posts to look at',
      readPages,
      3,
    )
    .addHelpText('after', MORE_HELP)
    .action(async (url: URL, options: ProbeOptions, command: Command) => {
      const site = await fetchSite(url, options);
      if (site === null) throw new UsageError(`${url.href} did not answer; check the URL`);
      const { configuration, ...report } = probeReport(site.pages, PRESETS, site.bases);
      const shown = { configuration, url: url.href, ...report };
      command.configureOutput().writeOut?.(`${JSON.stringify(shown, null, 2)}\n`);
    });
}

function readUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new InvalidArgumentError('Write a URL that begins with http:// or https://.');
  }
  const url = new URL(text);
  // Not as an argument's fault, which would repeat the argument.
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
