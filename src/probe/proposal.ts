/** A route that the probe proposes for the shape of a page. */

import type { RouteInput } from '../count/presets/preset.ts';

export interface Proposal {
  readonly format: string;
  readonly posts: Exclude<RouteInput['posts'], 'none'>;
  /** What the page does not say, for a person to look at. */
  readonly doubts: readonly string[];
}
