/** Files of robots.txt after the shapes of real ones: written by hand, and drawn. Texts are Latin-1. */

const WORDPRESS = `User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php

Sitemap: https://site.example/wp-sitemap.xml
`;

const MANAGED = `# BEGIN managed block

User-agent: *
Content-Signal: search=yes,ai-train=no,use=reference
Allow: /

User-agent: Amazonbot
Disallow: /

User-agent: CCBot
Disallow: /

User-agent: GPTBot
Disallow: /

# END managed block

User-agent: *
Disallow: /cart
Disallow: /checkout
Allow: /cart/help
`;

/** Names say what is particular. */
export const WRITTEN_FILES: Readonly<Record<string, string>> = {
  empty: '',
  blank: '\n\n',
  comment: '# nothing here\n',
  'no end of line': 'User-agent: *\nDisallow: /x',
  wordpress: WORDPRESS,
  managed: MANAGED,
  'managed twice': MANAGED + WORDPRESS,
  'byte order mark': `\u00ef\u00bb\u00bf${WORDPRESS}`,
  crlf: MANAGED.replaceAll('\n', '\r\n'),
  'cr only': WORDPRESS.replaceAll('\n', '\r'),
  'mixed ends': 'User-agent: *\r\nDisallow: /a\rDisallow: /b\nAllow: /b/c\n',
  'all closed': 'User-agent: *\nDisallow: /\n',
  'all open': 'User-agent: *\nDisallow:\n',
  'all open by Allow': 'User-agent: *\nAllow: /\n',
  'closed but one': 'User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nAllow: /\nDisallow: /private/\n',
  'closed but a folder': 'User-agent: *\nDisallow: /\nAllow: /public/\nAllow: /$\n',
  'begins with rules': 'Disallow: /old/\nAllow: /new/\nUser-agent: *\nDisallow: /tmp/\n',
  'begins with rules, ends in agents':
    'Disallow: /old/\nUser-agent: *\nDisallow: /tmp/\nUser-agent: Twitterbot\n',
  'ends in agents': 'User-agent: *\nDisallow: /tmp/\n\nUser-agent: Twitterbot\nUser-agent: Slackbot\n',
  'ends in a named agent': 'User-agent: *\nDisallow: /tmp/\n\nUser-agent: GPTBot',
  'many agents in a group':
    'User-agent: GPTBot\nUser-agent: Twitterbot\nUser-agent: CCBot\nDisallow: /api/\nAllow: /api/docs\n\nUser-agent: *\nDisallow: /admin\n',
  'blank line within a group':
    'User-agent: GPTBot\n\nUser-agent: Bytespider\n\nDisallow: /x\n\nDisallow: /y\n',
  'comment within a group': 'User-agent: *\n# private\nDisallow: /private/ # really\n',
  'other spellings': 'User-Agent:ccbot/2.0\nDISALLOW:/a\nuser-agent :  gptbot\nallow : /a/b\ndisallow: /a\n',
  'star after the name': 'User-agent: GPTBot *\nDisallow: /only/\n\nUser-agent: *\nDisallow: /all/\n',
  wildcards:
    'User-agent: *\nDisallow: /*.pdf$\nDisallow: /*?s=\nAllow: /open/*.pdf$\nDisallow: /open/*/draft\nAllow: /*?s=open\n',
  exact: 'User-agent: *\nDisallow: /\nAllow: /open/a$\nAllow: /$\n',
  'crawl delay': 'User-agent: *\nCrawl-delay: 10\nDisallow: /search\nRequest-rate: 1/5\n',
  'unknown fields': 'Host: site.example\nClean-param: ref /a\nUser-agent: *\nNoindex: /x\nDisallow: /y\n',
  'own licence':
    'License: https://site.example/terms.xml\n\nUser-agent: *\nAllow: /\nContent-Usage: train-ai=y\n',
  'own usage': 'User-agent: *\nAllow: /\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y\n',
  'sitemaps only': 'Sitemap: https://site.example/a.xml\nSitemap: https://site.example/b.xml\n',
  'no slash': 'User-agent: *\nDisallow: private\nDisallow: *secret\nAllow: *secret/ok\n',
  'percent encoding': 'User-agent: *\nDisallow: /caf%C3%A9/\nDisallow: /%7Ename/\n',
  'other characters': 'User-agent: *\nDisallow: /caf\u00c3\u00a9/\nAllow: /caf\u00c3\u00a9/menu\n',
  'dollar within': 'User-agent: *\nDisallow: /a$b\nAllow: /a$bc\n',
  'google family':
    'User-agent: Googlebot\nDisallow: /g/\nAllow: /g/open/\n\nUser-agent: *\nDisallow: /all/\n',
  'image agent': 'User-agent: Googlebot-Image\nDisallow: /photos/\n\nUser-agent: *\nAllow: /\n',
  ads: 'User-agent: AdsBot-Google\nDisallow: /ads/\n\nUser-agent: *\nDisallow: /\n',
  'same path twice': 'User-agent: *\nDisallow: /x\nAllow: /x\nDisallow: /x/y\n',
  'no colon': 'User-agent *\nDisallow /x\nUser-agent: *\nDisallow: /y\n',
  discourse:
    'User-agent: *\nDisallow: /admin/\nDisallow: /auth/\nDisallow: /u/\nDisallow: /*?api_key*\nAllow: /u/*.json\n',
  reddit: 'User-agent: *\nDisallow: /\n# licences: partners@site.example\n',
};

const AGENTS = [
  '*',
  '*',
  '*',
  'GPTBot',
  'ccbot',
  'CCBot/2.0',
  'Googlebot',
  'Googlebot-Image',
  'bingbot',
  'Twitterbot',
  'Slackbot',
  'AhrefsBot',
  'Bytespider',
  'ClaudeBot',
  'AdsBot-Google',
  'Applebot',
];
const HEADS = ['/', '/a', '/a/', '/a/b', '/open/', '/open/x', '/search', '/wp-admin/', '/*', '/*/', '*'];
const TAILS = ['', '', '', 'b', '/c', '*', '.pdf$', '$', '?s=', '*.css', '%20x', '*/d$'];
const OTHERS = [
  '',
  '',
  '# comment',
  'Crawl-delay: 5',
  'Sitemap: https://site.example/s.xml',
  'Content-Signal: ai-train=yes',
  'Content-Usage: train-ai=y',
  'Noindex: /x',
];
const ENDS = ['\n', '\n', '\n', '\r\n', '\r'];

/** @param next returns a whole number below its argument. */
export function drawFile(next: (below: number) => number): string {
  const one = (list: readonly string[]): string => list[next(list.length)]!;
  const lines: string[] = [];
  if (next(12) === 0) lines.push(`Disallow: ${one(HEADS)}`);
  for (let groups = next(6); groups > 0; groups--) {
    for (let agents = 1 + (next(3) === 0 ? next(3) : 0); agents > 0; agents--)
      lines.push(`User-agent: ${one(AGENTS)}`);
    for (let rules = next(10) === 0 ? 0 : 1 + next(5); rules > 0; rules--) {
      const field = next(3) === 0 ? 'Allow' : 'Disallow';
      lines.push(`${field}: ${next(15) === 0 ? '' : one(HEADS) + one(TAILS)}`);
      if (next(4) === 0) lines.push(one(OTHERS));
    }
    if (next(2) === 0) lines.push('');
  }
  const end = one(ENDS);
  return (next(10) === 0 ? '\u00ef\u00bb\u00bf' : '') + lines.join(end) + (next(4) === 0 ? '' : end);
}
