import type { Block } from '../places/block.ts';
import { integer } from '../places/values.ts';
import type { Term } from '../vpn.ts';

/** What a service set says for all of its tunnels, and a term for its own. */
export type TunnelOptions = Partial<
  Pick<Term, 'antiReplayWindow' | 'clearDontFragment' | 'setsDontFragment' | 'tunnelMtu'>
>;

/** Packets: the default of the AS PIC. */
const DEFAULT_ANTI_REPLAY_WINDOW = 64;

const DONT_FRAGMENT = ['clear-dont-fragment-bit', 'copy-dont-fragment-bit', 'set-dont-fragment-bit'] as const;

/** The statements that `ipsec-vpn-options` of a service set and `then` of a term have in common. */
export function readTunnelOptions(block: Block): TunnelOptions {
  const window = block.one('anti-replay-window-size', integer(64, 4096));
  const off = block.flag('no-anti-replay');
  if (off && window !== undefined) block.incomplete('either anti-replay-window-size or no-anti-replay');
  const antiReplayWindow = off ? 'off' : window;
  const tunnelMtu = block.one('tunnel-mtu', integer(256, 9192));
  const dontFragment = readDontFragment(block);
  block.notYet('udp-encapsulate', 'a UDP header of its own before ESP');
  return {
    ...(antiReplayWindow !== undefined && { antiReplayWindow }),
    ...dontFragment,
    ...(tunnelMtu !== undefined && { tunnelMtu }),
  };
}

/** To copy the bit to the outer header is what is done anyway (RFC 4301 §8.1). */
function readDontFragment(block: Block): Pick<TunnelOptions, 'clearDontFragment' | 'setsDontFragment'> {
  const [first, second] = DONT_FRAGMENT.filter((keyword) => block.flag(keyword));
  if (second !== undefined) return block.incomplete(`either ${first} or ${second}`);
  if (first === undefined) return {};
  return {
    clearDontFragment: first === 'clear-dont-fragment-bit',
    setsDontFragment: first === 'set-dont-fragment-bit',
  };
}

/** What a term says for itself counts, then what the service set says, then the defaults. */
export function effectiveOptions(
  serviceSet: TunnelOptions,
  term: TunnelOptions,
): TunnelOptions & Pick<Term, 'antiReplayWindow' | 'clearDontFragment'> {
  return { antiReplayWindow: DEFAULT_ANTI_REPLAY_WINDOW, clearDontFragment: false, ...serviceSet, ...term };
}
