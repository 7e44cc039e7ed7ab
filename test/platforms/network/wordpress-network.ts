/** Starts a WordPress network of three blogs in sub-folders: one at the root, /two and /three. */

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from '../../support/services/free-port.ts';

const SCRIPT = fileURLToPath(new URL('./network.sh', import.meta.url));

/** The host of the network. WordPress ignores its port. */
export const HOST = '127.0.0.1';

const blogSchema = z.object({
  /** Number of the blog. */
  id: z.int(),
  /** Number of the last post. */
  post: z.int(),
  /** In all posts, comments and files of the blog, and nowhere else. */
  word: z.string(),
});
const blogsSchema = z.object({ two: blogSchema, three: blogSchema });

export type Blog = z.output<typeof blogSchema>;

export interface WordpressNetwork extends z.output<typeof blogsSchema> {
  readonly url: string;
  /** Installs our plugin and switches sharing off in the blog /three. Returns the subject that the plugin reports, as JSON. */
  optOut(): Promise<string>;
  stop(): Promise<void>;
}

/** @param script path of wordpress.sh, which installs WordPress and starts it. */
export async function startWordpressNetwork(script: string): Promise<WordpressNetwork> {
  const port = await freePort();
  const env = {
    ...process.env,
    WP_PORT: String(port),
    WP_DIR: join(tmpdir(), 'postmeter-wordpress-network'),
  };
  const run = async (step: string) => (await promisify(execFile)(SCRIPT, [step, script], { env })).stdout;
  const stop = async () => void (await run('stop'));
  try {
    const blogs = blogsSchema.parse(JSON.parse(await run('start')));
    return { ...blogs, url: `http://${HOST}:${port}`, optOut: () => run('plugin'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
