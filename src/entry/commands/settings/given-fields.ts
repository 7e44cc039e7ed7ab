/** Fields of a request on the command line: `name=text`, and `name:=json` for everything but text. */

import { UsageError } from '../../usage-error.ts';

/** Throws a UsageError for an argument in another form. The API checks names and values. */
export function fieldsFrom(args: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const arg of args) {
    const at = arg.indexOf('=');
    if (at < 1) throw new UsageError(`${arg} is not a field; write name=text, or name:=json`);
    const isJson = arg[at - 1] === ':';
    const name = arg.slice(0, isJson ? at - 1 : at);
    if (Object.hasOwn(fields, name)) throw new UsageError(`${name} is given twice; give it once`);
    fields[name] = isJson ? parsed(name, arg.slice(at + 1)) : arg.slice(at + 1);
  }
  return fields;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}:= has no JSON; write ${name}=text for text`, { cause: error });
  }
}
