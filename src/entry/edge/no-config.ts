/** The configuration of a Worker whose bundle includes none. `wrangler.toml` can name a file that replaces this one. */

const none: unknown = {};

export default none;
