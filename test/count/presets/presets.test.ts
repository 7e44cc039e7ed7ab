import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { DEFAULT_KINDS, KINDS } from '../../../src/count/kinds.ts';
import { PRESET_NAMES, PRESETS, presetOf, presetRoutes } from '../../../src/count/presets/presets.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';

describe('the presets', () => {
  it('have names of their own', () => {
    expect(new Set(PRESET_NAMES).size).toBe(PRESETS.length);
    expect(presetOf('wordpress')?.name).toBe('wordpress');
    expect(presetOf('nothing')).toBeUndefined();
  });

  it('are all that platform takes', () => {
    const { properties } = configJsonSchema() as { properties: Record<string, { anyOf: unknown[] }> };
    expect(properties.platform!.anyOf[0]).toMatchObject({ enum: PRESET_NAMES });
  });

  it.each(PRESETS)('$name is what a configuration may hold', ({ name, routes }) => {
    const compiled = compileRoutes(presetRoutes([name]), DEFAULT_KINDS);
    expect(compiled.ok ? compiled.routes.rules : compiled.problems).toHaveLength(routes.length);
    // As `postmeter config preset` prints it, to be pasted into a file.
    expect(JSON.parse(JSON.stringify(routes))).toEqual(routes);
  });

  it.each(PRESETS)('$name names its sources, and describes exactly the kinds that it finds', (preset) => {
    expect(preset.source.length).toBeGreaterThan(0);
    for (const url of preset.source) expect(new URL(url).protocol).toBe('https:');
    const found = new Set(
      presetRoutes([preset.name]).flatMap(({ posts }) =>
        posts === 'none' ? [] : posts.map(({ kind }) => kind),
      ),
    );
    expect(Object.keys(preset.notes).toSorted()).toEqual(KINDS.filter((kind) => found.has(kind)).toSorted());
  });

  it.each(PRESETS)('$name does not read what is no text of its formats', ({ name }) => {
    const open = presetRoutes([name]).filter(({ path, query }) => path === '/**' && query === undefined);
    for (const route of open) expect(route.contentType, route.name).toBeDefined();
  });
});
