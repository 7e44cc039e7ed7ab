/** A route that the probe proposes for the structure of a page. */

import type { RouteInput } from '../count/presets/preset.ts';

export interface Proposal {
  readonly format: string;
  readonly posts: Exclude<RouteInput['posts'], 'none'>;
  /** What the page does not show, for a person to check. */
  readonly doubts: readonly string[];
}
