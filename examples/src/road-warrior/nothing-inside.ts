import type { Inside } from '../udp-gateway/inside.ts';

/** There is no network behind this end: what comes out of the tunnel is for nobody. */
export class NothingInside implements Inside {
  async open(): Promise<void> {}

  deliver(): undefined {}

  async close(): Promise<void> {}
}
