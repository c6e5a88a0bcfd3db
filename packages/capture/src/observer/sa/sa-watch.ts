import { type ReplayVerdict, ReplayWindow } from '@espalier/replay';
import type { SaRow } from '../../report/report.ts';
import type { ChildAt } from '../ike/listener.ts';
import type { SequenceOrder } from '../observation.ts';

/** Of sequence numbers as they were captured: what is kept to know repeated ones. */
const ORDER_WINDOW = 1024;

/** Of a packet whose SA is not followed. */
export const NO_ORDER = { order: 'first', distance: 0 } as const;

/** One direction of an SA of ESP or AH as it is seen to go on. */
export class SaWatch {
  readonly index: number;
  readonly protocol: 'esp' | 'ah';
  readonly spi: number;
  readonly from: string;
  readonly to: string;
  readonly conversation: number;
  readonly firstFrame: number;
  encapsulation: SaRow['encapsulation'] = 'ip';
  isInAh = false;
  child: ChildAt | undefined;
  antiReplay: boolean | undefined;
  deletedFrame: number | undefined;
  opposite = -1;
  replaces = -1;
  /** Whether its sequence numbers have 64 bits; undefined until a packet has shown it. */
  esn: boolean | undefined;
  /** The Quick Mode became known after packets. */
  hasNewKeys = true;
  #window: ReplayWindow | undefined;
  readonly #seen: ReplayWindow = new ReplayWindow({ packets: ORDER_WINDOW });
  firstTime: number | undefined;
  lastTime: number | undefined;
  lastFrame: number;
  packets = 0;
  octets = 0;
  opened = 0;
  innerOctets = 0;
  icvBad = 0;
  replayed = 0;
  late = 0;
  suite: string | undefined;
  keys: SaRow['keys'] = 'none';
  innerIsIp = 0;
  innerIsOther = 0;
  #lowest = 0;
  #highest = 0;
  #distinct = 0;

  constructor(
    index: number,
    protocol: 'esp' | 'ah',
    spi: number,
    from: string,
    to: string,
    at: { readonly frame: number; readonly conversation: number },
  ) {
    this.index = index;
    this.protocol = protocol;
    this.spi = spi;
    this.from = from;
    this.to = to;
    this.conversation = at.conversation;
    this.firstFrame = at.frame;
    this.lastFrame = at.frame;
  }

  /** One packet; where its number lies beside the highest so far. */
  take(sequence: number, octets: number, frame: number, time: number): { order: SequenceOrder; distance: number } {
    this.packets += 1;
    this.octets += octets;
    this.firstTime ??= time;
    this.lastTime = time;
    this.lastFrame = frame;
    const highest = this.#highest;
    if (this.packets === 1) {
      this.#lowest = sequence;
      this.#highest = sequence;
      this.#distinct = 1;
      this.#seen.commit(sequence, 0);
      return { order: 'first', distance: 0 };
    }
    const verdict = this.#seen.check(sequence);
    if (verdict === 'replayed' || sequence === highest) {
      this.replayed += 1;
      return { order: 'repeated', distance: highest - sequence };
    }
    if (verdict === 'new') this.#seen.commit(sequence, 0);
    this.#distinct += 1;
    this.#lowest = Math.min(this.#lowest, sequence);
    if (sequence < highest) {
      this.late += 1;
      return { order: 'late', distance: highest - sequence };
    }
    this.#highest = sequence;
    return sequence === highest + 1
      ? { order: 'next', distance: 0 }
      : { order: 'gap', distance: sequence - highest - 1 };
  }

  /** What a receiver's window of 64 says of a packet that its ICV vouches for. `high`: with ESN. */
  judge(sequence: number, high: number | undefined): ReplayVerdict {
    this.#window ??= new ReplayWindow({
      packets: 64,
      esn: high !== undefined,
      // What began before the capture is taken for seen, but for what may come late.
      seen: high === undefined ? 0n : seenBefore(high, sequence),
    });
    const verdict = this.#window.check(sequence);
    return verdict === 'new' ? this.#window.commit(sequence, high ?? 0) : verdict;
  }

  row(): SaRow {
    const child = this.child?.child;
    return {
      protocol: this.protocol,
      spi: this.spi,
      source: this.from,
      destination: this.to,
      conversation: this.conversation,
      encapsulation: this.encapsulation,
      isInAh: this.isInAh,
      ikeSa: this.child?.ikeSa ?? -1,
      exchange: this.child?.exchange ?? -1,
      opposite: this.opposite,
      replaces: this.replaces,
      suite: this.suite ?? child?.suiteName,
      mode: child?.mode ?? this.#modeShown(),
      esn: child?.esn ?? this.esn,
      antiReplay: this.antiReplay,
      deletedFrame: this.deletedFrame,
      pfsGroup: child?.pfsGroup,
      lifetimeSeconds: child?.lifetimeSeconds,
      lifetimeKilobytes: child?.lifetimeKilobytes,
      selectors: child?.selectors,
      firstTime: this.firstTime,
      lastTime: this.lastTime,
      firstFrame: this.firstFrame,
      lastFrame: this.lastFrame,
      packets: this.packets,
      octets: this.octets,
      opened: this.opened,
      innerOctets: this.innerOctets,
      icvBad: this.icvBad,
      replayed: this.replayed,
      late: this.late,
      lost: this.packets === 0 ? 0 : Math.max(0, this.#highest - this.#lowest + 1 - this.#distinct),
      lowestSequence: this.#lowest,
      highestSequence: this.#highest,
      keys: this.keys,
    };
  }

  #modeShown(): SaRow['mode'] {
    if (this.innerIsIp + this.innerIsOther === 0) return undefined;
    return this.innerIsIp > 0 ? 'tunnel' : 'transport';
  }
}

function seenBefore(high: number, sequence: number): bigint {
  const before = BigInt(high) * 0x1_0000_0000n + BigInt(sequence) - 64n;
  return before > 0n ? before : 0n;
}
