/** The version of this software, for the Worker's bundle: the package's own file lies outside of it. */

export const VERSION = '0.1.0';
