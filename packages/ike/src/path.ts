import type { Endpoint, RemotePattern } from './types.ts';

/** Between which ends something goes. */
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

/** Whether a peer has an address of its own, and is no template of those who come from anywhere. */
export function isFixed(remote: Endpoint | RemotePattern): remote is Endpoint {
  return 'address' in remote;
}
