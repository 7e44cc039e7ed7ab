/** `postmeter config`: checks a configuration file, and prints the JSON Schema of one. */

import { Command } from 'commander';
import { configJsonSchema } from '../../config/json-schema.ts';
import { readConfigFile } from '../config-file.ts';

export function configCommand(): Command {
  const config = new Command('config').description('check a configuration file, or print its JSON Schema');
  config
    .command('check')
    .description('read a configuration file and say what is wrong with it')
    .argument('[file]', 'the file (default: POSTMETER_CONFIG, then ./postmeter.config.json)')
    .action((file: string | undefined, _options, command: Command) => {
      const { config: checked } = readConfigFile(file ?? process.env.POSTMETER_CONFIG);
      command.configureOutput().writeOut?.(`ok: ${checked.routes.length} routes\n`);
    });
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file')
    .action((_options, command: Command) => {
      command.configureOutput().writeOut?.(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  return config;
}
