/** The version of the program, for the Worker's bundle, which does not include package.json. */

export const VERSION = '0.1.0';
