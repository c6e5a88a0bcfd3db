import { copyOctets } from '@espalier/crypto';
import { implementationOf, toHex } from '@espalier/wire';
import type { PeerRow } from '../report/report.ts';
import { vendorName } from '../text/payload-text.ts';

const MOST_PEERS = 4096;
const MOST_VENDOR_IDS = 64;

/** What the ends say that they are, by their vendor IDs. */
export class PeerWatch {
  readonly #vendorIds = new Map<string, Map<string, Uint8Array>>();

  take(address: string, data: Uint8Array): void {
    const known = this.#vendorIds.get(address) ?? new Map<string, Uint8Array>();
    if (known.size >= MOST_VENDOR_IDS || data.length > 256) return;
    if (!this.#vendorIds.has(address)) {
      if (this.#vendorIds.size >= MOST_PEERS) return;
      this.#vendorIds.set(address, known);
    }
    const hex = toHex(data);
    if (!known.has(hex)) known.set(hex, copyOctets('data', data));
  }

  rows(): readonly PeerRow[] {
    return [...this.#vendorIds].map(([address, ids]) => ({
      address,
      implementation: implementationOf([...ids.values()]),
      vendorIds: [...ids.values()].map(vendorName),
    }));
  }
}
