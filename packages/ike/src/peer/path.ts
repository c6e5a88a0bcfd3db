import type { Endpoint } from '../types.ts';

/** Where a session stands between two hosts. */
export interface SessionEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

export function areSameEnds(a: SessionEnds, b: SessionEnds): boolean {
  return isSameEndpoint(a.local, b.local) && isSameEndpoint(a.remote, b.remote);
}
