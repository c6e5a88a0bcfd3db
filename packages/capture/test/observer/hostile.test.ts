import { concat } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, Observer, readCapture, readKeys, reportText, toJson, toText } from '../../src/index.ts';
import { description, enhanced, number, option, section } from '../support/files.ts';
import { ipv4, ipv6, testSession } from '../support/session.ts';

const session = testSession({ natTraversal: 'force' });
const keys = readKeys([
  { name: 'keys.json', text: session.json },
  { name: 'esp_sa', text: session.espTable },
]);
const packets = [...session.sent.map(ipv4), ...session.sent.map(ipv6)];
const linkType = fc.constantFrom(0, 1, 9, 50, 51, 101, 104, 108, 109, 113, 117, 136, 178, 179, 204, 239, 258, 276, 105);

/** All that is asked of what was seen. */
function look(
  frames: readonly (Pick<Frame, 'linkType' | 'octets'> & { time?: number; originalOctets?: number })[],
): void {
  const observer = new Observer({ keys, ports: [1234] });
  frames.forEach((frame, i) => {
    for (const one of observer.push({ number: i + 1, time: i, ...frame })) {
      toText(one);
      JSON.parse(toJson(one));
    }
  });
  const report = observer.report();
  reportText(report);
  JSON.stringify(report);
}

describe('an observer', () => {
  it('never throws for octets at random, behind any link', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ linkType, octets: fc.uint8Array({ maxLength: 300 }) }), { maxLength: 10 }),
        (frames) => look(frames),
      ),
      { numRuns: 300 },
    );
  });

  it('never throws for a session of which octets are changed, cut, repeated, in any order', () => {
    const change = fc.record({
      which: fc.nat(packets.length - 1),
      at: fc.nat(400),
      value: fc.nat(255),
      cut: fc.nat(400),
      more: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const frames = changes.map(({ which, at, value, cut, more }) => {
          const octets = (packets[which] ?? new Uint8Array(0)).slice(0, cut < 350 ? undefined : cut - 300);
          if (at < octets.length) octets[at] = value;
          return { linkType: 101, octets, originalOctets: octets.length + (more > 45 ? more : 0) };
        });
        look(frames);
      }),
      { numRuns: 150 },
    );
  });

  it('shows no inner packet that was not sent, whatever is changed', () => {
    const genuine = new Set(inners(packets).map((one) => one.join()));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(packets.length - 1), fc.nat(400), fc.nat(255)), { maxLength: 30 }),
        (changes) => {
          const changed = packets.map((packet) => packet.slice());
          for (const [which, at, value] of changes) {
            const packet = changed[which];
            if (packet !== undefined && at < packet.length) packet[at] = value;
          }
          for (const inner of inners(changed)) expect(genuine).toContain(inner.join());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes any time that a file may say', () => {
    const offsets = [2n ** 62n, -(2n ** 62n), 0n].map((offset) => option(14, number(8, BigInt.asUintN(64, offset))));
    for (const offset of offsets) {
      for (const resolution of [0, 9, 127, 128, 255]) {
        const options = concat(option(9, Uint8Array.of(resolution)), offset);
        const blocks = packets.slice(-3).map((octets) => enhanced(0, { octets, microseconds: 2 ** 52 }));
        look(readCapture(concat(section(), description(101, options), ...blocks)).frames);
      }
    }
  });

  it('takes a datagram between addresses only', () => {
    const at = { number: 1, time: 0, octets: new Uint8Array(40) };
    const end = { address: '192.0.2.1', port: 500 };
    expect(() =>
      new Observer().pushDatagram({ ...at, source: { address: 'gateway', port: 500 }, destination: end }),
    ).toThrow(RangeError);
    expect(
      new Observer().pushDatagram({ ...at, source: { address: '2001:DB8::0:1', port: 500 }, destination: end }),
    ).toMatchObject([{ source: '[2001:db8::1]:500' }]);
  });
});

function inners(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const observer = new Observer({ keys });
  return frames.flatMap((octets, i) =>
    observer
      .push({ number: i + 1, time: i, linkType: 101, octets })
      .flatMap((one) => (one.kind === 'esp' && one.inner !== undefined ? [one.inner] : [])),
  );
}
