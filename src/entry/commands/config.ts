/** `postmeter config`: checks a configuration file, and prints its JSON Schema and the routes of presets. */

import { Command, InvalidArgumentError } from 'commander';
import { configJsonSchema } from '../../config/json-schema.ts';
import { DEFAULT_KINDS, KINDS } from '../../count/kinds.ts';
import { placed, type Site } from '../../count/presets/place.ts';
import type { Preset } from '../../count/presets/preset.ts';
import { PRESET_NAMES, PRESETS, presetOf } from '../../count/presets/presets.ts';
import { counted } from '../../report/counted.ts';
import { readConfigFile } from '../config-file.ts';

export function configCommand(): Command {
  const config = new Command('config').description(
    'check a configuration file, or print its JSON Schema or a preset',
  );
  config
    .command('check')
    .description('check a configuration file and list its faults')
    .argument('[file]', 'configuration file (default: POSTMETER_CONFIG, then ./postmeter.config.json)')
    .action((file: string | undefined, _options, command: Command) => {
      const { config: checked, routes } = readConfigFile(file ?? process.env.POSTMETER_CONFIG);
      const own = checked.routes.length;
      const platform = [checked.platform ?? []].flat();
      const preset =
        platform.length === 0
          ? ''
          : `, ${routes.rules.length - own} of ${platform.map(siteText).join(' and ')}`;
      command.configureOutput().writeOut?.(`ok: ${counted(own, 'route')}${preset}\n`);
    });
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file')
    .action((_options, command: Command) => {
      command.configureOutput().writeOut?.(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  config
    .command('preset')
    .description('print the routes of a preset as configuration; without a name, list all presets')
    .argument('[name]', 'name of the preset, as "platform" takes it', readPreset)
    .action((preset: Preset | undefined, _options, command: Command) => {
      const text =
        preset === undefined
          ? PRESETS.map(summaryOf).join('\n')
          : JSON.stringify({ routes: preset.routes.map((route) => placed(route, '')) }, null, 2);
      command.configureOutput().writeOut?.(`${text}\n`);
    });
  return config;
}

function siteText(site: Site): string {
  return typeof site === 'string' ? site : `${site.name} below ${site.base}`;
}

function readPreset(name: string): Preset {
  const preset = presetOf(name);
  if (preset === undefined) throw new InvalidArgumentError(`Use one of ${PRESET_NAMES.join(', ')}.`);
  return preset;
}

/** Renders name and title, then each switch with its default and its meaning on this platform. */
function summaryOf({ name, title, notes, doubts = [] }: Preset): string {
  const switches = KINDS.flatMap((kind) => {
    const note = notes[kind];
    return note === undefined ? [] : [`  ${kind.padEnd(10)}${DEFAULT_KINDS[kind] ? 'on ' : 'off'}  ${note}`];
  });
  return [`${name}: ${title}`, ...switches, ...doubts.map((doubt) => `  (${doubt})`), ''].join('\n');
}
