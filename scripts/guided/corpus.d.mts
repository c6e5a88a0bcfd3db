/** Inputs by the name of their door. */
export function readCorpus(): ReadonlyMap<string, readonly Uint8Array[]>;
