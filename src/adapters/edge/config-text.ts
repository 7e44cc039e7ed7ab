/** Where a Worker and its objects find the configuration: in a variable, which holds 5 KB, or in their bundle. */

import bundled from '#config';

export interface ConfigText {
  /** As the operator knows it, for what is said of its faults. */
  readonly name: string;
  readonly text: string;
}

const BUNDLED: ConfigText = { name: 'postmeter.config.json', text: JSON.stringify(bundled) };

/** @param variable POSTMETER_CONFIG, which goes before the file in the bundle where it is set. */
export function configText(variable: string | undefined): ConfigText {
  return variable ? { name: 'POSTMETER_CONFIG', text: variable } : BUNDLED;
}
