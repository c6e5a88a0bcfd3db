import type { EspRefusal } from '@espalier/esp';

/** What is counted of packets; bytes are octets of inner IP packets. */
export interface IpsecStatistics {
  readonly espEncryptedBytes: number;
  readonly espDecryptedBytes: number;
  readonly espEncryptedPackets: number;
  readonly espDecryptedPackets: number;
  readonly ahInputBytes: number;
  readonly ahOutputBytes: number;
  readonly ahInputPackets: number;
  readonly ahOutputPackets: number;
  readonly ahAuthenticationFailures: number;
  readonly replayErrors: number;
  readonly espAuthenticationFailures: number;
  readonly espDecryptionFailures: number;
  readonly badHeaders: number;
  readonly badTrailers: number;
}

type ErrorCounter =
  | 'replayErrors'
  | 'espAuthenticationFailures'
  | 'espDecryptionFailures'
  | 'badHeaders'
  | 'badTrailers';

/** The error that is counted for each refusal of ESP; none for what says nothing about the packet. */
const ERROR_COUNTERS: Record<EspRefusal, ErrorCounter | undefined> = {
  'bad-outer': 'badHeaders',
  fragment: 'badHeaders',
  malformed: 'badHeaders',
  'wrong-spi': 'badHeaders',
  expired: undefined,
  'sequence-zero': 'replayErrors',
  replayed: 'replayErrors',
  'too-old': 'replayErrors',
  'not-kept': undefined,
  'bad-icv': 'espAuthenticationFailures',
  'bad-padding': 'badTrailers',
  'bad-next-header': 'badTrailers',
  dummy: undefined,
  'bad-inner': 'espDecryptionFailures',
  congested: undefined,
  'sequence-exhausted': undefined,
  'too-long': undefined,
};

/** The statistics of one label. */
export class StatisticsCounter {
  readonly #counts: { -readonly [Name in keyof IpsecStatistics]: number } = {
    espEncryptedBytes: 0,
    espDecryptedBytes: 0,
    espEncryptedPackets: 0,
    espDecryptedPackets: 0,
    ahInputBytes: 0,
    ahOutputBytes: 0,
    ahInputPackets: 0,
    ahOutputPackets: 0,
    ahAuthenticationFailures: 0,
    replayErrors: 0,
    espAuthenticationFailures: 0,
    espDecryptionFailures: 0,
    badHeaders: 0,
    badTrailers: 0,
  };

  encrypted(innerOctets: number): void {
    this.#counts.espEncryptedPackets += 1;
    this.#counts.espEncryptedBytes += innerOctets;
  }

  decrypted(innerOctets: number): void {
    this.#counts.espDecryptedPackets += 1;
    this.#counts.espDecryptedBytes += innerOctets;
  }

  ahOutput(innerOctets: number): void {
    this.#counts.ahOutputPackets += 1;
    this.#counts.ahOutputBytes += innerOctets;
  }

  ahInput(innerOctets: number): void {
    this.#counts.ahInputPackets += 1;
    this.#counts.ahInputBytes += innerOctets;
  }

  /** What AH has refused; what is behind its header says nothing about it (RFC 4302 §3.4). */
  refusedByAh(reason: EspRefusal): void {
    if (reason === 'bad-icv') this.#counts.ahAuthenticationFailures += 1;
    else this.refused(reason);
  }

  refused(reason: EspRefusal): void {
    const counter = ERROR_COUNTERS[reason];
    if (counter !== undefined) this.#counts[counter] += 1;
  }

  snapshot(): IpsecStatistics {
    return { ...this.#counts };
  }
}

/** The statistics of each label, for as long as a policy has it. */
export class StatisticsCounters {
  readonly #counters = new Map<string, { readonly counter: StatisticsCounter; holders: number }>();

  find(label: string): StatisticsCounter | undefined {
    return this.#counters.get(label)?.counter;
  }

  hold(label: string): StatisticsCounter {
    const known = this.#counters.get(label) ?? { counter: new StatisticsCounter(), holders: 0 };
    known.holders += 1;
    this.#counters.set(label, known);
    return known.counter;
  }

  /** Ends what one `hold` began. */
  release(label: string): void {
    const known = this.#counters.get(label);
    if (known === undefined) return;
    known.holders -= 1;
    if (known.holders === 0) this.#counters.delete(label);
  }
}
