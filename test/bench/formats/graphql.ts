/** GraphQL: Postmeter also reads the request, which locates the posts. JSON.parse reads only the response. */

import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { GraphqlRequest } from '../../../src/count/graphql/request.ts';
import { chunksOf, countWith, type FormatCase, ruleAsWritten } from './case.ts';

const POSTS = 50;

const request = Buffer.from(
  JSON.stringify({
    operationName: 'Latest',
    variables: { first: POSTS },
    query: `query Latest($first: Int!) {
      posts(first: $first, where: { orderby: { field: DATE, order: DESC } }) {
        pageInfo { hasNextPage endCursor }
        nodes { ...Post comments(first: 2) { nodes { id content author { node { name } } } } }
      }
    }
    fragment Post on Post { id databaseId date uri title excerpt content author { node { id name avatar { url } } } }`,
  }),
);

const response = Buffer.from(
  JSON.stringify({
    data: {
      posts: {
        pageInfo: { hasNextPage: true, endCursor: 'YXJyYXljb25uZWN0aW9uOjE3' },
        nodes: Array.from({ length: POSTS }, (_, index) => post(index)),
      },
    },
    extensions: { debug: [] },
  }),
);

export function graphqlCases(): FormatCase[] {
  const parser = {
    name: 'JSON.parse',
    posts: () => JSON.parse(response.toString()).data.posts.nodes.length,
  };
  return [{ label: 'graphql', bytes: response.length, posts: POSTS, count: counter(), usual: [parser] }];
}

function counter(): () => number {
  const rule = ruleAsWritten({ format: 'graphql', posts: [{ graphql: 'posts', id: 'id' }] });
  if (rule.format !== 'graphql') throw new Error('The rule is not for GraphQL.');
  const chunks = chunksOf(response);
  return () => {
    const asked = new GraphqlRequest(
      'POST',
      '/graphql',
      ['content-type', 'application/json'],
      sha256Hex,
      256 * 1024,
    );
    asked.write(request);
    asked.end();
    return countWith({ ...rule, plan: asked.planFor(rule.plan) }, chunks);
  };
}

function post(index: number) {
  const paragraph =
    '<p>Words that say what happened, with <em>some</em> weight &amp; a “quotation” in them.</p>\n';
  const author = {
    node: { id: `dXNlcjo${index % 5}`, name: 'Alice', avatar: { url: 'https://blog.example/a.png' } },
  };
  return {
    id: `cG9zdDo${index}`,
    databaseId: index,
    date: '2026-03-01T10:00:00',
    uri: `/2026/03/post-${index}/`,
    title: `Post number ${index}`,
    excerpt: paragraph,
    content: paragraph.repeat(6),
    author,
    comments: {
      nodes: [1, 2].map((comment) => ({
        id: `Y29tbWVudDo${index}-${comment}`,
        content: '<p>Well said.</p>\n',
        author: { node: { name: 'Bob' } },
      })),
    },
  };
}
