import { describe, expect, it } from 'vitest';
import { RouteProblems } from '../../src/count/route/problem.ts';
import {
  compileSubjectRules,
  requestSubjects,
  type SubjectRuleConfig,
  subjectRuleSchema,
} from '../../src/rights/request-subjects.ts';

const WORDPRESS: SubjectRuleConfig[] = [
  { path: '/author/*/**', kind: 'author', from: 'segment 2', scope: 'host' },
  { path: '/wp-json/wp/v2/users/*', kind: 'author', from: 'segment 5', scope: 'host' },
  {
    path: '/**',
    query: { rest_route: '/wp/v2/users/*' },
    kind: 'author',
    from: 'query rest_route segment 4',
    scope: 'host',
  },
  { path: '/**', kind: 'author', from: 'query author', scope: 'host' },
  { path: '/**', kind: 'post', from: 'query p', scope: 'host' },
];

function found(target: string, host: string | undefined = 'Blogs.example:8080', rules = WORDPRESS): string[] {
  const problems = new RouteProblems();
  const compiled = compileSubjectRules(
    rules.map((rule) => subjectRuleSchema.parse(rule)),
    problems,
  );
  expect(problems.list).toEqual([]);
  return requestSubjects(compiled, target, host === '' ? [] : [host]).subjects.map(
    ({ kind, scope, name }) => `${kind} ${scope}|${name}`,
  );
}

const host = 'blogs.example';

describe('the subjects of a request', () => {
  it('are its host and each prefix of its path, with and without the host as scope', () => {
    expect(found('/Two/2026/')).toEqual([
      `blog |${host}`,
      'path |/',
      `path ${host}|/`,
      'path |/two',
      `path ${host}|/two`,
      'path |/two/2026',
      `path ${host}|/two/2026`,
    ]);
  });

  it('contain no host if there is none', () => {
    expect(found('/a', '')).toEqual(['path |/', 'path |/a']);
  });

  it.each([
    '/two/?p=5',
    '/two/wp-json/wp/v2/posts',
    '/two/feed/',
    '/two/?rest_route=/wp/v2/posts',
    '/TWO//feed',
    '/%74wo/feed',
    '/./two/feed',
    '/one/../two/',
    '/one%2f..%2ftwo/',
    '/two;x=1/feed',
    '/two/../?rest_route=/wp/v2/posts',
    '/two/%2E%2e?rest_route=/wp/v2/posts',
    '/two/..;/feed',
    '/one/./two/../../two/..',
    '/0/two/?rest_route=/wp/v2/posts',
    '/0/0//two/feed',
    'http://blogs.example/two/feed',
  ])('contain the blog in a sub-folder at %s', (target) => {
    expect(found(target)).toContain(`path ${host}|/two`);
  });

  it.each([
    'two.example',
    'TWO.example',
    'two.example:443',
    'two.example.',
    'www.two.example',
    'WWW.two.example:80',
  ])('contain the blog on the host %s', (name) => {
    for (const target of ['/', '/?p=1', '/feed/', '/wp-json/wp/v2/posts', '/?rest_route=/wp/v2/posts']) {
      expect(found(target, name)).toContain('blog |two.example');
    }
  });

  it.each<[string, string]>([
    ['/author/Ada/', `author ${host}|ada`],
    ['/author/ada/feed/', `author ${host}|ada`],
    ['/?author=7', `author ${host}|7`],
    ['/wp-json/wp/v2/posts?author=6,7', `author ${host}|7`],
    ['/wp-json/wp/v2/users/7', `author ${host}|7`],
    ['/?rest_route=/wp/v2/users/7', `author ${host}|7`],
    ['/index.php?rest%5Froute=%2Fwp%2Fv2%2Fusers%2F7', `author ${host}|7`],
    ['/?p=5', `post ${host}|5`],
    ['/favicon.ico?p=5', `post ${host}|5`],
  ])('contain at %s %s', (target, expected) => {
    expect(found(target)).toContain(expected);
  });

  it('contain each host by which the platform may recognise the blog', () => {
    const { subjects } = requestSubjects([], '/', ['a.example', 'two.example']);
    const blogs = subjects.filter(({ kind }) => kind === 'blog').map(({ name }) => name);
    expect(blogs).toEqual(['a.example', 'two.example']);
  });

  it('keep the letter case of posts only', () => {
    const rules: SubjectRuleConfig[] = [
      { path: '/p/*', kind: 'post', from: 'segment 2' },
      { path: '/u/*', kind: 'author', from: 'segment 2', scope: 'segment 1' },
    ];
    expect(found('/p/AbC', host, rules)).toContain('post |AbC');
    expect(found('/u/AbC', host, rules)).toContain('author u|abc');
  });

  it('are bounded: eight prefixes and names of 1,024 characters', () => {
    const deep = found(`/${'a/'.repeat(50)}`);
    expect(deep.at(-1)).toBe(`path ${host}|${'/a'.repeat(8)}`);
    expect(found(`/${'a'.repeat(2_000)}`)).toEqual([`blog |${host}`, 'path |/', `path ${host}|/`]);
  });

  it('are known to come from a parameter', () => {
    const rules = compileSubjectRules(WORDPRESS, new RouteProblems());
    expect(requestSubjects(rules, '/?p=5', [host]).isByQuery).toBe(true);
    expect(requestSubjects(rules, '/author/ada', [host]).isByQuery).toBe(false);
  });
});

it('explains a faulty rule', () => {
  const problems = new RouteProblems();
  compileSubjectRules([{ path: '/a*', kind: 'post', from: 'host' }], problems);
  expect(problems.list).toEqual([
    { at: [0, 'path'], message: expect.stringContaining('* matches a whole segment') },
  ]);
  const parsed = subjectRuleSchema.safeParse({ path: '/', kind: 'post', from: 'segment x' });
  expect(parsed.error?.issues[0]?.message).toContain('must be "host"');
});
