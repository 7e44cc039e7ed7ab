/** The arguments of a proxy on Node: `node SCRIPT ORIGIN_URL PORT`. */

export const origin = process.argv[2] ?? '';
export const port = Number(process.argv[3]);
export const host = '127.0.0.1';
