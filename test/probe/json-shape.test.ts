import { describe, expect, it } from 'vitest';
import { jsonProposal } from '../../src/probe/json-shape.ts';

const post = (id: number, more: object = {}) => ({
  id,
  text: `post ${id}`,
  author: { id: 1, name: 'a' },
  ...more,
});
const posts = (count: number, more: object = {}) => Array.from({ length: count }, (_, id) => post(id, more));

describe('a route for the shape of JSON', () => {
  it.each<[string, unknown, object[]]>([
    ['a list at the root', posts(3), [{ json: '$[*]', id: 'id' }]],
    ['a list under a name', { data: posts(3), meta: { count: 3 } }, [{ json: '$.data[*]', id: 'id' }]],
    ['a list two names deep', { response: { posts: posts(2) } }, [{ json: '$.response.posts[*]', id: 'id' }]],
    ['a name that needs brackets', { 'a.b': posts(2) }, [{ json: '$["a.b"][*]', id: 'id' }]],
    [
      'items that wrap their post',
      { feed: posts(3).map((one) => ({ post: { uri: `at://${one.id}`, record: { text: one.text } } })) },
      [{ json: '$.feed[*]', id: 'post.uri' }],
    ],
    [
      'a list of posts beside one of users',
      {
        users: [
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
          { id: 3, name: 'c' },
        ],
        posts: posts(2),
      },
      [{ json: '$.posts[*]', id: 'id' }],
    ],
    [
      'posts with comments inside',
      {
        items: posts(4, {
          comments: [
            { id: 1, body: 'yes' },
            { id: 2, body: 'no' },
          ],
        }),
      },
      [{ json: '$.items[*]', id: 'id' }],
    ],
    ['a single post under a name', { data: post(1) }, [{ json: '$.data', id: 'id' }]],
    ['a single post', post(1), [{ json: '$', id: 'id' }]],
    ['items without an id', { data: [{ text: 'a' }, { text: 'a' }] }, [{ json: '$.data[*]' }]],
  ])('%s', (_, body, expected) => {
    expect(jsonProposal([body], 'json')?.posts).toEqual(expected);
  });

  it('finds no structure if nothing contains text', () => {
    expect(jsonProposal([{ users: [{ id: 1 }], error: null }], 'json')).toBeNull();
    expect(jsonProposal([[{ id: 1, username: 'a', description: 'likes posts' }]], 'json')).toBeNull();
    expect(jsonProposal([[1, 2, 3]], 'json')).toBeNull();
    expect(jsonProposal([], 'json')).toBeNull();
  });

  it('reports what is doubtful', () => {
    const body = {
      items: [post(1, { type: 'post' }), post(2, { type: 'post' }), { id: 3, type: 'page' }],
      more: posts(2),
    };
    const { doubts } = jsonProposal([body], 'json')!;
    expect(doubts).toEqual([
      '1 of 3 items at $.items[*] contain no text that looks like a post',
      'items are of several kinds by type: post (2), page (1); select posts by "where"',
      '2 items at $.more[*] may be posts too',
    ]);
  });

  it('is that of each line of a stream', () => {
    const lines = [1, 2, 3].map((id) => ({ data: post(id), matching_rules: [{ id: 9 }] }));
    expect(jsonProposal(lines, 'ndjson')).toMatchObject({
      format: 'ndjson',
      posts: [{ json: '$.data', id: 'id' }],
    });
  });
});
