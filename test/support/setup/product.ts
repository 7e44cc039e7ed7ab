/** Compiles the product to dist before the tests of a project that starts it, unless POSTMETER_IS_BUILT is set. */

import { execFileSync } from 'node:child_process';
import { ROOT } from '../edge/bundle.ts';

/** Throws if the product does not compile. The compiler prints why. */
export default function setup(): void {
  if (process.env.POSTMETER_IS_BUILT !== undefined) return;
  execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: 'inherit' });
  // The next project of this run does not build again.
  process.env.POSTMETER_IS_BUILT = '1';
}
