import { check } from '../machine/failures.ts';

/** One direction of a child. */
export interface KeyedSa {
  readonly spi: number;
  /** In hexadecimal. */
  readonly encryptionKey: string;
  readonly integrityKey: string;
}

/** What charon logs of its last child at the level 4, where it began: what it sends by is its own initiator's key. */
export function childKeysIn(log: string): Readonly<Record<'outbound' | 'inbound', KeyedSa>> {
  const sa = (side: 'initiator' | 'responder', bound: 'in' | 'out'): KeyedSa => ({
    spi: spiIn(log, bound),
    encryptionKey: dumpIn(log, `encryption ${side} key`),
    integrityKey: dumpIn(log, `integrity ${side} key`),
  });
  return { outbound: sa('initiator', 'out'), inbound: sa('responder', 'in') };
}

function spiIn(log: string, bound: 'in' | 'out'): number {
  const after = log.split(`adding ${bound}bound ESP SA`).at(-1) ?? '';
  const spi = /SPI 0x([0-9a-f]+), src/.exec(after)?.[1];
  check(spi !== undefined, `charon logs no ${bound}bound SA`);
  return Number.parseInt(spi, 16);
}

/** Sixteen octets a line, and what they are as text. */
function dumpIn(log: string, label: string): string {
  const [head = '', ...lines] = (log.split(`${label} => `).at(-1) ?? '').split('\n');
  const octets = Number(/^(\d+) bytes/.exec(head)?.[1] ?? 0);
  const text = lines
    .slice(0, Math.ceil(octets / 16))
    .map((line) => / {1,}\d+: ((?:[0-9A-F]{2} ){1,16})/.exec(`${line} `)?.[1] ?? '')
    .join('')
    .replaceAll(' ', '');
  check(octets > 0 && text.length === 2 * octets, `charon logs no ${label}`);
  return text;
}
