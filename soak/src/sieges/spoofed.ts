import type { Endpoint, ExchangeMode } from '@espalier/ike';
import { writeU32 } from '@espalier/wire';
import type { Bed } from './bed.ts';
import { anyAddress, peerAddress } from './places.ts';
import type { Siege } from './siege.ts';

const MILLION = 1_000_000;
const PER_SECOND = 10_000;

/** First messages from addresses where nobody has sent them. With a thousand peers, from theirs. */
export const SPOOFED: readonly Siege[] = (['main', 'aggressive'] as const).flatMap((mode) =>
  [1, 1000].map((peers) => spoofed(mode, peers)),
);

function spoofed(mode: ExchangeMode, peers: number): Siege {
  const kind = 'spoofed first messages';
  const name = `${kind}, ${mode === 'main' ? 'Main' : 'Aggressive'} Mode`;
  return {
    ...{ name, kind, mode, peers, datagrams: MILLION, perSecond: PER_SECOND, isKeyed: false, mostOut: 1.25 },
    begin(bed) {
      const sources = peers === 1 ? 65_536 : peers;
      const addressOf = peers === 1 ? anyAddress : peerAddress;
      const octets = firstMessage(bed, addressOf(0));
      let count = 0;
      return () => {
        // The cookie: each is another.
        writeU32(octets, 0, ++count);
        bed.hand(addressOf(count % sources), octets);
      };
    },
  };
}

/** A first message as one that has the key would send it. */
function firstMessage(bed: Bed, address: Endpoint): Uint8Array {
  const client = bed.client(address);
  const octets = client.pollTransmit()?.octets.slice();
  client.close(bed.now);
  if (octets === undefined) throw new Error('whoever begins sends a first message');
  return octets;
}
