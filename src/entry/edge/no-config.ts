/** The configuration of a Worker in whose bundle there is none: `wrangler.toml` names a file in place of this one. */

const none: unknown = {};

export default none;
