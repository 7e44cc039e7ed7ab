/** The operator's configuration for each captured platform, and the kinds of items in its true count. */

export const PLATFORM_CONFIGS = {
  // The true count has entries of the type post. Comments are separate, and links and previews that name a post are
  // included.
  wordpress: { platform: 'wordpress', count: { kinds: { reply: false, reference: true } } },
  // The true count has items: a reposted item is one, and a quote inside it is none.
  bluesky: { platform: 'bluesky' },
  // The schema is its own (PostGraphile's), so its fields are named here. The true count has no comments and no quotes.
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
