/** The configuration of the Worker and its objects: from a variable, which holds up to 5 KB, or from the bundle. */

import bundled from '#config';

export interface ConfigText {
  /** Name of the source, for messages about its faults. */
  readonly name: string;
  readonly text: string;
}

const BUNDLED: ConfigText = { name: 'postmeter.config.json', text: JSON.stringify(bundled) };

/** @param variable POSTMETER_CONFIG. If it is set, it replaces the file in the bundle. */
export function configText(variable: string | undefined): ConfigText {
  return variable ? { name: 'POSTMETER_CONFIG', text: variable } : BUNDLED;
}
