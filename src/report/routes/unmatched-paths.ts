/**
 * The most frequent path shapes that no route matches, so that a forgotten endpoint of the platform is noticed.
 * Memory is bounded for any requests. Images, styles and scripts are ignored, because they contain no posts.
 */

import { ID, pathShape } from './path-shape.ts';
import type { PathSums } from './port.ts';

/** Distinct paths remembered with their shapes. */
const MAX_REMEMBERED_PATHS = 4_096;
/** Shapes counted between two takes. Further ones are dropped. */
const MAX_SHAPES = 2_048;
/** Shapes returned per take. */
const MAX_TAKEN = 20;
/** More siblings than this in one folder are names, such as those of people. They become one shape. */
const MAX_SIBLINGS = 8;
const WITHOUT_POSTS = /^\s*(?:image|font|audio|video|text\/css|(?:text|application)\/javascript)\b/i;

interface Shape {
  readonly path: string;
  responses: number;
  bytes: number;
}

export class UnmatchedPaths {
  /** By raw path without its query; null: not reported. */
  readonly #shapeOf = new Map<string, Shape | null>();
  readonly #shapes = new Map<string, Shape>();

  /** @param contentType decides whether the path is reported when it is first seen. */
  saw(target: string, contentType: string | undefined, bytes: number): void {
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    let shape = this.#shapeOf.get(path);
    if (shape === undefined) shape = this.#remember(path, contentType);
    if (shape === null) return;
    shape.responses++;
    shape.bytes += bytes;
  }

  /** Returns the most frequent shapes since the last take, in descending order of responses. */
  take(): PathSums[] {
    const seen = [...this.#shapes.values()].filter(({ responses }) => responses > 0);
    const sums = mergeSiblings(seen)
      .sort((a, b) => b.responses - a.responses || (a.path < b.path ? -1 : 1))
      .slice(0, MAX_TAKEN);
    for (const shape of seen) {
      shape.responses = 0;
      shape.bytes = 0;
    }
    if (this.#shapes.size === MAX_SHAPES) this.#forget();
    return sums;
  }

  #remember(path: string, contentType: string | undefined): Shape | null {
    if (this.#shapeOf.size === MAX_REMEMBERED_PATHS) this.#shapeOf.clear();
    const shape =
      contentType !== undefined && WITHOUT_POSTS.test(contentType) ? null : this.#shape(pathShape(path));
    this.#shapeOf.set(path, shape);
    return shape;
  }

  #shape(path: string): Shape | null {
    const known = this.#shapes.get(path);
    if (known !== undefined) return known;
    if (this.#shapes.size === MAX_SHAPES) return null;
    const shape = { path, responses: 0, bytes: 0 };
    this.#shapes.set(path, shape);
    return shape;
  }

  #forget(): void {
    this.#shapeOf.clear();
    this.#shapes.clear();
  }
}

function mergeSiblings(shapes: readonly Shape[]): PathSums[] {
  const families = new Map<string, Shape[]>();
  for (const shape of shapes) {
    const folder = shape.path.slice(0, shape.path.lastIndexOf('/') + 1);
    const family = families.get(folder);
    if (family === undefined) families.set(folder, [shape]);
    else family.push(shape);
  }
  return [...families].flatMap(([folder, siblings]) => {
    if (siblings.length <= MAX_SIBLINGS) return siblings.map((shape) => ({ ...shape }));
    const sum = { path: folder + ID, responses: 0, bytes: 0 };
    for (const { responses, bytes } of siblings) {
      sum.responses += responses;
      sum.bytes += bytes;
    }
    return [sum];
  });
}
