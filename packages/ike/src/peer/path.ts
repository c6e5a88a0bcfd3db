import type { Endpoint } from '../types.ts';

/** Where a session stands between two hosts. */
export interface Path {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

export function isSamePath(a: Path, b: Path): boolean {
  return isSameEndpoint(a.local, b.local) && isSameEndpoint(a.remote, b.remote);
}
