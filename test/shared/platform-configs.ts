/** What an operator writes for each platform of the captures, and which kinds its truth counts. */

export const PLATFORM_CONFIGS = {
  // The truth counts entries of the type post: comments are apart, and links and previews that name a post are in.
  wordpress: { platform: 'wordpress', count: { kinds: { reply: false, reference: true } } },
  // The truth counts items: an item that was reposted is one, a quote inside it none.
  bluesky: { platform: 'bluesky' },
  // A schema of its own (PostGraphile's), so its fields are named here; the truth counts no comments and no quotes.
  graphql: {
    count: { kinds: { reply: false } },
    routes: [
      {
        path: '/graphql',
        format: 'graphql',
        posts: [
          { graphql: 'allPosts', id: 'id' },
          { graphql: 'allPostsList', id: 'id' },
          { graphql: 'postById', id: 'id' },
          { graphql: 'postsByAuthorId', id: 'id' },
          { graphql: 'postByQuotedPostId', id: 'id', kind: 'embedded' },
          { graphql: 'commentsByPostId', id: 'id', kind: 'reply' },
          { graphql: 'commentsByPostIdList', id: 'id', kind: 'reply' },
        ],
      },
    ],
  },
} satisfies Record<string, Record<string, unknown>>;

export type PlatformName = keyof typeof PLATFORM_CONFIGS;
