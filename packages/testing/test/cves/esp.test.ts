import { createHmac } from 'node:crypto';
import { ahSuite, type Engine, espSuite, keyLimits, nobleEngine } from '@espalier/crypto';
import { wasmEngine } from '@espalier/crypto/wasm';
import { InboundSa, OutboundSa, type OutboundSaOptions, PacketPool } from '@espalier/esp';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { Decompressor } from '@espalier/esp/ipcomp';
import { Gateway } from '@espalier/gateway';
import { ahPacket, ipcompPacket } from '@espalier/testing/arbitraries';
import {
  concat,
  encodeIpv4,
  encodeIpv6,
  fromAscii,
  instant,
  ipv4,
  PROTOCOL,
  parseAddress,
  seconds,
  spi,
  writeU16,
  writeU32,
} from '@espalier/wire';
import fc from 'fast-check';
import { expect } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { allHold, type Row } from './row.ts';

const NOW = instant(1_000_000);
const ENGINE = nobleEngine();
const SPI = spi(0x1234);
const ENDS = { source: parseAddress('192.0.2.1'), destination: parseAddress('192.0.2.2') };
const ENDS_6 = { source: parseAddress('2001:db8::1'), destination: parseAddress('2001:db8::2') };

function packet(octets: number): Uint8Array {
  return encodeIpv4({ ...ENDS, protocol: PROTOCOL.udp, payload: new Uint8Array(octets - 20).fill(0x5a) });
}

function keysOf(suite: ReturnType<typeof espSuite>): OutboundSaOptions['keys'] {
  return {
    encryption: new Uint8Array(suite.encryptionKeyOctets).fill(1),
    salt: new Uint8Array(suite.saltOctets).fill(2),
    integrity: new Uint8Array(suite.integrityKeyOctets).fill(3),
  };
}

/** Both ends of one direction. */
function pair(name: string, engine: Engine = ENGINE): { readonly outbound: OutboundSa; readonly inbound: InboundSa } {
  const suite = espSuite(name);
  const shared = { engine, suite, keys: keysOf(suite), spi: SPI };
  return { outbound: new OutboundSa({ ...shared, rng: seededRng(1) }), inbound: new InboundSa(shared) };
}

/** What only who has the key can make, and no honest sender does: any inner packet, with a right ICV. */
function sealedByHand(inner: Uint8Array, sequence: number): Uint8Array {
  const padOctets = -(inner.length + 2) & 3;
  const padding = Uint8Array.from({ length: padOctets }, (_, i) => i + 1);
  const esp = concat(new Uint8Array(8), inner, padding, Uint8Array.of(padOctets, PROTOCOL.ipip));
  writeU32(esp, 0, SPI);
  writeU32(esp, 4, sequence);
  const icv = createHmac('sha1', new Uint8Array(20).fill(3)).update(esp).digest().subarray(0, 12);
  return concat(esp, icv);
}

const AH_KEY = new Uint8Array(20).fill(3);
const ah = { engine: ENGINE, suite: ahSuite('hmac-sha1-96'), key: AH_KEY, spi: SPI, mode: 'transport' } as const;

/** An inner packet as it is, but for one octet of its header and the checksum that is right then. */
function withOctet(at: number, value: number): Uint8Array {
  const inner = packet(60);
  inner[at] = value;
  ipv4.setHeaderChecksum(inner, 0);
  return inner;
}

function icmpTo(destination: string): Uint8Array {
  const addresses = { source: parseAddress('10.2.0.7'), destination: parseAddress(destination) };
  return encodeIpv4({ ...addresses, protocol: PROTOCOL.icmp, payload: Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0) });
}

const ROWS: readonly Row[] = [
  {
    id: 'CVE-2016-2183',
    where: 'the protocol, with blocks of 64 bits',
    law: 'a key of DES or 3DES protects 4 GiB at most, and says at a fourth of that that it is to be renewed',
    holds: () => {
      const name = '3des-cbc/hmac-sha1-96';
      expect(keyLimits(espSuite(name))).toMatchObject({ soft: { octets: 2 ** 30 }, hard: { octets: 2 ** 32 } });
      const suite = espSuite(name);
      const options = { engine: ENGINE, suite, keys: keysOf(suite), spi: SPI, rng: seededRng(1), keepAhead: true };
      const snapshot = new OutboundSa(options).snapshot(0);
      const resumed = (octets: number) => new OutboundSa({ ...options, resume: { ...snapshot, octets } });
      expect(resumed(2 ** 30).lifetimeState(NOW)).toBe('soft');
      const spent = resumed(2 ** 32).sealInto(NOW, packet(60), new Uint8Array(200));
      expect(spent).toEqual({ ok: false, reason: 'expired' });
    },
  },
  {
    id: 'CVE-2016-7922',
    where: 'tcpdump',
    law: 'AH that ends anywhere, or says that it is of another length, is refused',
    holds: () => {
      const inbound = new InboundAhSa(ah);
      const refused = (octets: Uint8Array): void => {
        const whole = encodeIpv4({ ...ENDS, protocol: PROTOCOL.ah, payload: octets });
        expect(inbound.openInto(NOW, whole, whole, 0, 20).ok).toBe(false);
      };
      fc.assert(
        fc.property(ahPacket, fc.nat(), fc.nat(0xff), (octets, cut, length) => {
          refused(octets.slice(0, cut % octets.length));
          const other = octets.slice();
          other[1] = length;
          refused(other);
        }),
      );
    },
  },
  {
    id: 'CVE-2016-7928',
    where: 'tcpdump',
    law: 'IPComp that ends anywhere, or is of no form, is refused',
    holds: () => {
      const decompressor = new Decompressor({ cpi: 2, mode: 'transport' });
      fc.assert(
        fc.property(ipcompPacket, fc.nat(), (octets, cut) => {
          const short = octets.slice(0, cut % octets.length);
          const whole = encodeIpv4({ ...ENDS, protocol: PROTOCOL.ipcomp, payload: short });
          expect(decompressor.decompress(whole).ok).toBe(false);
        }),
      );
    },
  },
  {
    id: 'CVE-2017-7184',
    where: 'Linux',
    law: 'what is kept of an SA is read with its bounds: a number that the SA cannot have, or one of another SA, is refused',
    holds: () => {
      const suite = espSuite('null/hmac-sha1-96');
      const options = { engine: ENGINE, suite, keys: keysOf(suite), spi: SPI, keepAhead: true };
      const snapshot = new InboundSa(options).snapshot(10);
      for (const bad of [{ sequence: `${2n ** 32n}` }, { sequence: '-1' }, { spi: spi(0x999) }, { packets: -1 }]) {
        expect(() => new InboundSa({ ...options, resume: { ...snapshot, ...bad } })).toThrow(/^resume\.\w+:? must be/);
      }
      for (const replayWindow of [0, 31, 4097, 2 ** 32]) {
        expect(() => new InboundSa({ ...options, replayWindow })).toThrow(/^replayWindow: must be/);
      }
    },
  },
  {
    id: 'CVE-2018-6918',
    where: 'FreeBSD',
    law: 'AH behind options of no length, or of more than there is, is refused, and the next packet is served',
    holds: () => {
      const [outbound, inbound] = [new OutboundAhSa({ ...ah, rng: seededRng(1) }), new InboundAhSa(ah)];
      const after = concat(new Uint8Array(12), new Uint8Array(12), new Uint8Array(8));
      after.set([PROTOCOL.udp, 4]);
      writeU32(after, 4, SPI);
      writeU32(after, 8, 1);
      const options4 = (options: readonly number[]): Uint8Array => {
        const whole = concat(
          encodeIpv4({ ...ENDS, protocol: PROTOCOL.ah, payload: new Uint8Array(0) }),
          new Uint8Array(4),
          after,
        );
        whole[0] = 0x46;
        whole.set(options, 20);
        ipv4.setTotalLength(whole, 0, whole.length);
        ipv4.setHeaderChecksum(whole, 0);
        return whole;
      };
      const options6 = (first: number, options: readonly number[]): Uint8Array => {
        const header = new Uint8Array(8);
        header.set([PROTOCOL.ah, 0, ...options]);
        const fields = { trafficClass: 0, flowLabel: 0, nextHeader: first, hopLimit: 64 };
        return encodeIpv6({ ...ENDS_6, ...fields, payload: concat(header, after) });
      };
      const all = [
        ...[
          [7, 0, 4, 0],
          [7, 1, 4, 0],
          [7, 5, 4, 0],
          [0x94, 0xff, 0, 0],
          [0x44, 0, 0, 0],
        ].map(options4),
        ...[0, 60].flatMap((first) =>
          [
            [1, 5],
            [0x3e, 0xff],
            [0x3e, 2, 0, 0, 0x3e, 1],
          ].map((one) => options6(first, one)),
        ),
      ];
      for (const whole of all) {
        const at = whole[0] === 0x46 ? 24 : 48;
        expect(inbound.openInto(NOW, whole, whole.slice(), 0, at)).toEqual({ ok: false, reason: 'bad-outer' });
        // Destination options go behind AH: nobody reads them.
        if (whole[6] === 60) continue;
        expect(outbound.sealInto(NOW, whole, new Uint8Array(400))).toEqual({ ok: false, reason: 'bad-inner' });
      }
      const good = outbound.sealInto(NOW, packet(60), new Uint8Array(400));
      if (!good.ok) throw new Error(good.reason);
      expect(inbound.openInto(NOW, good.octets, new Uint8Array(400), 0, 20).ok).toBe(true);
    },
  },
  {
    id: 'CVE-2019-14899',
    where: 'Linux, the BSDs, macOS, iOS and Android',
    law: 'what comes in clear for an address behind the gateway, where a policy protects, is refused without a word',
    holds: () => {
      const gateway = new Gateway({
        engine: ENGINE,
        rng: seededRng(1),
        config: {
          peers: [
            {
              name: 'peer',
              local: '192.0.2.1',
              remote: '192.0.2.2',
              preSharedKey: fromAscii('a key that protects nothing'),
              proposals: [
                { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 14, authentication: 'pre-shared-key' },
              ],
              lifetime: seconds(3600),
            },
          ],
          policies: [
            {
              name: 'all',
              selectors: { local: '10.1.0.0/16', remote: '10.2.0.0/16' },
              action: {
                kind: 'protect',
                peer: 'peer',
                suites: [espSuite('aes-128-gcm-16')],
                lifetime: seconds(3600),
              },
            },
          ],
        },
      });
      for (const there of ['10.1.0.9', '10.1.255.255']) {
        expect(gateway.handleOutside(NOW, icmpTo(there))).toMatchObject({ ok: false, reason: 'unprotected' });
      }
      expect(gateway.pollTransmit()).toBeUndefined();
    },
  },
  {
    id: 'CVE-2022-27666',
    where: 'Linux',
    law: 'a packet of any size is sealed within the octets that it is said to need, and in fewer not at all',
    holds: () => {
      for (const name of ['aes-128-cbc/hmac-sha1-96', 'aes-256-gcm-16', 'null/hmac-sha2-512-256']) {
        const { outbound, inbound } = pair(name);
        for (const octets of [20, 1500, 4095, 4096, 32_767, 32_768, 65_000]) {
          const needed = outbound.sealedOctets(octets);
          const room = new Uint8Array(needed + 64).fill(0xa5);
          expect(() => outbound.sealInto(NOW, packet(octets), room.subarray(0, needed - 1))).toThrow(RangeError);
          const sealed = outbound.sealInto(NOW, packet(octets), room.subarray(0, needed));
          expect(room.subarray(needed).every((octet) => octet === 0xa5)).toBe(true);
          if (!sealed.ok) throw new Error(sealed.reason);
          expect(inbound.openInto(NOW, sealed.octets, new Uint8Array(octets + 64))).toMatchObject({ length: octets });
        }
      }
    },
  },
  {
    id: 'CVE-2025-39965',
    where: 'Linux',
    law: 'no SA has the SPI 0, and nothing is found by it',
    holds: () => {
      const { inbound } = pair('null/hmac-sha1-96');
      const suite = espSuite('null/hmac-sha1-96');
      const none = { engine: ENGINE, suite, keys: keysOf(suite), spi: SPI };
      expect(() => spi(0)).toThrow(RangeError);
      expect(() => Reflect.construct(InboundSa, [{ ...none, spi: 0 }])).toThrow(/^spi must be an integer from 1/);
      const zero = sealedByHand(packet(60), 1);
      writeU32(zero, 0, 0);
      expect(inbound.openInto(NOW, zero, new Uint8Array(100))).toEqual({ ok: false, reason: 'wrong-spi' });
    },
  },
  {
    id: 'CVE-2026-31472',
    where: 'Linux',
    law: 'an inner packet whose header, or whole, is said to be shorter than a header, or longer than what is there, is refused',
    holds: () => {
      const { inbound } = pair('null/hmac-sha1-96');
      const lengths = [0, 1, 19, 61, 0xffff].map((length) => {
        const inner = packet(60);
        writeU16(inner, 2, length);
        ipv4.setHeaderChecksum(inner, 0);
        return inner;
      });
      const headers = [0x40, 0x44, 0x4f + 0x10, 0x65].map((first) => withOctet(0, first));
      for (const [i, inner] of [...lengths, ...headers, new Uint8Array(0), packet(60).slice(0, 19)].entries()) {
        const esp = sealedByHand(inner, i + 1);
        expect(inbound.openInto(NOW, esp, new Uint8Array(200))).toEqual({ ok: false, reason: 'bad-inner' });
      }
      expect(inbound.openInto(NOW, sealedByHand(packet(60), 99), new Uint8Array(200)).ok).toBe(true);
    },
  },
  {
    id: 'CVE-2026-43284',
    where: 'Linux (and CVE-2026-46300)',
    law: 'nothing is opened in place but where the caller says so: what was handed in to be opened, or refused, is as it was',
    holds: () => {
      for (const engine of [ENGINE, wasmEngine()]) {
        const { outbound, inbound } = pair('aes-128-gcm-16', engine);
        const pool = new PacketPool(engine, { slots: 4 });
        for (const isGood of [true, false]) {
          const sealed = outbound.sealInto(NOW, packet(300), new Uint8Array(400));
          if (!sealed.ok) throw new Error(sealed.reason);
          // In the middle of a page that is somebody else's.
          const page = new Uint8Array(4096).fill(0xc3);
          page.set(sealed.octets, 1000);
          if (!isGood) page[1100] = (page[1100] ?? 0) ^ 1;
          const before = page.slice();
          const esp = page.subarray(1000, 1000 + sealed.length);
          expect(inbound.openInto(NOW, esp, new Uint8Array(400)).ok).toBe(isGood);
          const batch = pool.createBatch(4);
          batch.add(esp);
          inbound.openBatch(NOW, batch);
          batch.clear();
          expect(page).toEqual(before);
        }
      }
    },
  },
];

allHold(ROWS);
