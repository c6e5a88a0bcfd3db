import type { AhObservation, EspObservation, IsakmpObservation, Observation } from '@espalier/capture';
import { PROTOCOL } from '@espalier/wire';
import type { Row, Verdict } from '../protocol.ts';

export const PROTOCOLS: Readonly<Record<Observation['kind'], Row['protocol']>> = {
  isakmp: 'IKE',
  esp: 'ESP',
  ah: 'AH',
  icmp: 'ICMP',
  keepalive: 'keepalive',
};

export interface Described {
  readonly info: string;
  readonly verdict: Verdict;
  readonly verdictText: string;
}

/** An observation in one line of the table. */
export function described(observation: Observation): Described {
  switch (observation.kind) {
    case 'isakmp':
      return isakmp(observation);
    case 'esp':
      return esp(observation);
    case 'ah':
      return sealed(observation, `SPI ${spiText(observation.spi)}, around ${protocolName(observation.nextHeader)}`, [
        'plain',
        'ICV not checked',
      ]);
    case 'icmp': {
      const { text, quoted, source, destination } = observation.error;
      return { info: `${text}, about ${quoted} ${source} > ${destination}`, verdict: 'odd', verdictText: 'error' };
    }
    case 'keepalive':
      return plain('keeps the NAT mapping', '');
  }
}

function protocolName(number: number): string {
  return Object.entries(PROTOCOL).find(([, value]) => value === number)?.[0] ?? `protocol ${number}`;
}

export function spiText(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}

function plain(info: string, verdictText: string): Described {
  return { info, verdict: 'plain', verdictText };
}

/** What is said where a hash could be checked if the keys were there: nothing is odd about the message. */
const UNCHECKED = /^hash not checked/;

function isakmp({ name, header, payloads, encrypted, decrypted, hash, repeats, notes }: IsakmpObservation): Described {
  if (header === undefined) return { info: notes.join('; '), verdict: 'odd', verdictText: 'not ISAKMP' };
  const parts = partsOf(payloads).join(', ');
  const info = parts === '' ? name : `${name}: ${parts}`;
  const repeated = repeats === undefined ? [] : [`repeats frame ${repeats}`];
  const verdictText = [
    ...(encrypted ? [decrypted ? 'decrypted' : 'encrypted'] : ['clear']),
    ...(hash === 'none' ? [] : [`hash ${hash}`]),
    ...repeated,
  ].join(', ');
  const isOdd = notes.some((note) => !UNCHECKED.test(note));
  if (hash === 'bad') return { info, verdict: 'bad', verdictText };
  if (encrypted && !decrypted) return { info, verdict: 'closed', verdictText };
  return { info, verdict: isOdd ? 'odd' : encrypted ? 'ok' : 'plain', verdictText };
}

/** Payloads by name, those that follow each other and are alike once: `SA, VID ×5`. */
export function partsOf(payloads: readonly { readonly summary: string; readonly kind: string }[]): readonly string[] {
  const parts: { name: string; times: number }[] = [];
  for (const { summary, kind } of payloads) {
    const name = kind === 'notification' || kind === 'notify' ? summary : (summary.split(':')[0] ?? '');
    const last = parts.at(-1);
    if (last?.name === name) last.times += 1;
    else parts.push({ name, times: 1 });
  }
  return parts.map(({ name, times }) => (times === 1 ? name : `${name} ×${times}`));
}

function esp(observation: EspObservation): Described {
  const { spi, summary, notes } = observation;
  const info = summary ?? `SPI ${spiText(spi)}, ${notes[0] ?? 'nothing inside'}`;
  return sealed(observation, info, summary === undefined ? ['closed', 'not opened'] : ['odd', 'ICV not checked']);
}

/** `unchecked`: what is said where nobody knows whether the ICV is right. */
function sealed(
  { icv, replay, order, distance, notes }: EspObservation | AhObservation,
  info: string,
  [unchecked, uncheckedText]: readonly [Verdict, string],
): Described {
  const ordered = orderText(order, distance);
  if (icv === 'bad') return { info, verdict: 'bad', verdictText: 'ICV wrong' };
  if (replay !== undefined && replay !== 'new') return { info, verdict: 'bad', verdictText: `ICV ok, ${replay}` };
  if (icv === 'unknown') {
    return { info, verdict: unchecked, verdictText: [uncheckedText, ordered].filter(Boolean).join(', ') };
  }
  const verdictText = ['ICV ok', ordered].filter(Boolean).join(', ');
  return { info, verdict: notes.length > 0 ? 'odd' : 'ok', verdictText };
}

function orderText(order: EspObservation['order'], distance: number): string {
  switch (order) {
    case 'gap':
      return `${distance} missing before it`;
    case 'late':
      return `late by ${distance}`;
    case 'repeated':
      return 'seen before';
    default:
      return '';
  }
}
