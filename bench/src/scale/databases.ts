import { SecurityAssociationDatabase, SecurityPolicyDatabase, type Selectors, type SpdEntry } from '@espalier/gateway';
import { parseAddress, spi } from '@espalier/wire';
import { innerPacket } from '../packets/suites.ts';
import { median } from '../statistics.ts';
import { DATABASES, type DatabaseSubject, type ScaleRow } from './rows.ts';

/** Packets in a row, of so many entries, spread over all: what is timed is the way to them, not the processor's caches. */
const PACKETS = 60;
const ASKED = 10;
/** Entries that are added to those that are there, and deleted again. */
const MORE = 64;
const REPETITIONS = 20;

type Name = (typeof DATABASES)[number];

/** A database of one size, and what is timed with it. */
interface Subject {
  readonly name: Name;
  readonly size: number;
  lookUp(): void;
  add(): void;
  delete(): void;
}

/** Look-ups, additions and deletions with few and with many policies and SAs: in turns, so that the machine is the same. */
export function measureDatabases(sizes: readonly number[], turns: number): readonly ScaleRow[] {
  const subjects = DATABASES.flatMap((name) => sizes.map((size) => subjectOf(name, size)));
  const times = new Map<string, number[]>();
  const note = (key: string, microseconds: number): void => {
    times.set(key, [...(times.get(key) ?? []), microseconds]);
  };
  for (let turn = -1; turn < turns; turn++) {
    for (const subject of subjects) {
      const lookUp = median(repeated(() => subject.lookUp(), PACKETS));
      const pairs = Array.from({ length: REPETITIONS }, () => [
        timed(() => subject.add(), MORE),
        timed(() => subject.delete(), MORE),
      ]);
      // The first turn warms up.
      if (turn < 0) continue;
      note(keyOf('look-up', subject), lookUp);
      note(keyOf('addition', subject), median(pairs.map(([add]) => add ?? 0)));
      note(keyOf('deletion', subject), median(pairs.map(([, gone]) => gone ?? 0)));
    }
  }
  return DATABASES.flatMap((name) =>
    (['look-up', 'addition', 'deletion'] as const).flatMap((what) =>
      sizes.map((peers) => ({
        part: 'scale' as const,
        what: `${what}: ${name}` satisfies DatabaseSubject,
        peers,
        children: 0,
        microseconds: median(times.get(keyOf(what, { name, size: peers })) ?? []),
      })),
    ),
  );
}

function keyOf(what: string, { name, size }: Pick<Subject, 'name' | 'size'>): string {
  return `${what} ${name} ${size}`;
}

function subjectOf(name: Name, size: number): Subject {
  switch (name) {
    case 'SAs by SPI':
    case 'SAs of one SPI by destination':
      return sasOf(name, size);
    default:
      return policiesOf(name, size);
  }
}

/** Selectors of the entry `i`, and a packet that it takes: source, destination, ports. */
interface Drawn {
  readonly selectors: Selectors;
  readonly source: string;
  readonly destination: string;
  readonly ports: readonly [source: number, destination: number];
}

function draw(name: Name, i: number): Drawn {
  const net = `${11 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
  const plain = { source: '10.0.0.1', destination: '10.9.0.1', ports: [1, 2] } as const;
  const remote = '10.9.0.0/16';
  switch (name) {
    case 'policies of remote prefixes':
      return { ...plain, selectors: { local: '10.0.0.0/24', remote: `${net}.0/24` }, destination: `${net}.7` };
    case 'policies of local prefixes':
      return { ...plain, selectors: { local: `${net}.0/24`, remote }, source: `${net}.7` };
    case 'policies of ports': {
      const ports = [1 + Math.floor(i / 50_000), 1 + (i % 50_000)] as const;
      return { ...plain, selectors: { remote, protocol: 'tcp', localPort: ports[0], remotePort: ports[1] }, ports };
    }
    case 'policies of ranges of ports and addresses': {
      const first = 3 + 10 * (i % 5000);
      const range = `10.9.${Math.floor(i / 5000)}.3-10.9.${Math.floor(i / 5000)}.200`;
      const selectors = { remote: range, protocol: 'tcp', remotePort: `${first}-${first + 9}` } as const;
      return { ...plain, selectors, destination: range.split('-')[0] ?? '', ports: [1, first + 5] };
    }
    default:
      return { ...plain, selectors: { remote } };
  }
}

function policiesOf(name: Name, size: number): Subject {
  const spd = new SecurityPolicyDatabase<number>([], { kind: 'discard' });
  for (let i = 0; i < size; i++) spd.add(entryOf(name, i));
  const more = Array.from({ length: MORE }, (_, i) => entryOf(name, size + i));
  const packets = Array.from({ length: PACKETS }, (_, i) => tcpPacket(draw(name, askedOf(i, size))));
  return {
    name,
    size,
    lookUp() {
      for (const packet of packets) if (spd.lookUpOutbound(packet).kind !== 'protect') throw new Error('not found');
    },
    add() {
      for (const entry of more) spd.add(entry);
    },
    delete() {
      for (const entry of more) spd.delete(entry);
    },
  };
}

/** Which entry the packet `i` is of. */
function askedOf(i: number, size: number): number {
  return Math.floor(((i % ASKED) * size) / ASKED);
}

function entryOf(name: Name, target: number): SpdEntry<number> {
  return { selectors: draw(name, target).selectors, action: { kind: 'protect', target } };
}

function sasOf(name: Name, size: number): Subject {
  const sad = new SecurityAssociationDatabase<number>();
  const identifierOf = (i: number) =>
    name === 'SAs by SPI'
      ? { spi: spi(4096 + i), destination: parseAddress('10.9.0.1') }
      : { spi: spi(4096), destination: Uint8Array.of(11, i >> 16, i >> 8, i) };
  for (let i = 0; i < size; i++) sad.add(identifierOf(i), i);
  const more = Array.from({ length: MORE }, (_, i) => identifierOf(size + i));
  const packets = Array.from({ length: PACKETS }, (_, k) => {
    const { spi: wanted, destination } = identifierOf(askedOf(k, size));
    const packet = innerPacket(64);
    packet.set(destination, 16);
    return { wanted, packet };
  });
  return {
    name,
    size,
    lookUp() {
      for (const { wanted, packet } of packets)
        if (sad.find(wanted, packet) === undefined) throw new Error('not found');
    },
    add() {
      for (const identifier of more) sad.add(identifier, 0);
    },
    delete() {
      for (const identifier of more) sad.delete(identifier);
    },
  };
}

function tcpPacket({ source, destination, ports }: Drawn): Uint8Array {
  const packet = innerPacket(64);
  packet[9] = 6;
  packet.set(parseAddress(source), 12);
  packet.set(parseAddress(destination), 16);
  packet.set(
    ports.flatMap((port) => [port >> 8, port & 255]),
    20,
  );
  return packet;
}

function repeated(run: () => void, count: number): number[] {
  return Array.from({ length: REPETITIONS }, () => timed(run, count));
}

/** Microseconds of one of `count`. */
function timed(run: () => void, count: number): number {
  const before = performance.now();
  run();
  return (1000 * (performance.now() - before)) / count;
}
