import { deflateRawSync } from 'node:zlib';
import { ahSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import type { KeyLogEntry } from '@espalier/ike';
import { concat, encodeIpv4, instant, ip, PROTOCOL, parseAddress, toHex, spi as toSpi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { isThorough } from '../../../../test/support/thorough.ts';
import { udpPacket } from '../../../gateway/test/host/world.ts';
import { type KeyRing, type Observation, readKeys, toText } from '../../src/index.ts';
import { type Bundle, bundleSession, type Mode, phase1Keys } from '../support/bundles.ts';
import { observed, openedIn } from '../support/session.ts';

const AH = [ahSuite('hmac-sha1-96')];
const ESP = [espSuite('aes-128-cbc/hmac-sha1-96')];
const BUNDLES: readonly (readonly [string, Bundle])[] = [
  ['AH', { ah: AH }],
  ['AH with GMAC', { ah: [ahSuite('aes-256-gmac')] }],
  ['AH around ESP', { esp: ESP, ah: [ahSuite('hmac-sha2-512-256')] }],
  ['AH around ESP that only encrypts', { esp: [espSuite('3des-cbc/none')], ah: AH }],
  ['IPComp and ESP', { ipcomp: 'deflate', esp: ESP }],
  ['IPComp, ESP and AH', { ipcomp: 'deflate', esp: ESP, ah: AH }],
  ['IPComp and AH', { ipcomp: 'deflate', ah: AH }],
];

const skeyids = (log: readonly KeyLogEntry[]): KeyRing => readKeys([{ name: 'keys.json', text: phase1Keys(log) }]);

/** Of AH alone, by its SPI. */
function ahKeys(log: readonly KeyLogEntry[], change: (key: string) => string = (key) => key): KeyRing {
  const child_sas = log.flatMap((entry) => {
    if (entry.kind !== 'ah') return [];
    const spi = entry.spi.toString(16);
    return [
      {
        protocol: 'ah',
        integrity: entry.suite.name,
        integ_key_i2r: change(toHex(entry.key)),
        spi_i2r: spi,
        spi_r2i: spi,
      },
    ];
  });
  return readKeys([{ name: 'keys.json', text: JSON.stringify({ child_sas }) }]);
}

const ofAh = (all: readonly Observation[]) => all.filter((one) => one.kind === 'ah');
const ofEsp = (all: readonly Observation[]) => all.filter((one) => one.kind === 'esp');

/** What the packet becomes where ESP takes it: the whole of it, or what its headers are in front of. */
const shown = (packet: Uint8Array, mode: Mode) =>
  mode === 'tunnel' ? packet : packet.subarray(ip.payloadAt(packet, 0, packet.length));

const GRID = BUNDLES.flatMap(([name, bundle]) =>
  (['tunnel', 'transport'] as const).flatMap((mode) =>
    ([4, 6] as const).map((family) => ({ name, bundle, mode, family })),
  ),
);

/** Each bundle in both modes and over both families; usually each in one of them. */
const tried = GRID.filter((_, i) => isThorough || i % 3 === 0);

describe('a bundle of SAs that IKE has agreed on', () => {
  it.each(tried)(
    '$name, $mode, IPv$family: is opened, and vouched for, by what follows from phase 1',
    ({ bundle, mode, family }) => {
      const { frames, inner, log } = bundleSession(bundle, mode, family);
      const { observations, observer } = observed(frames, { keys: skeyids(log) });
      const [ah, esp] = [ofAh(observations), ofEsp(observations)];
      expect(ah.map(({ icv, replay }) => `${icv} ${replay}`)).toEqual(
        bundle.ah === undefined ? [] : inner.map(() => 'ok new'),
      );
      expect(esp.map(({ inner: found }) => found)).toEqual(
        bundle.esp === undefined ? [] : inner.map((packet) => shown(packet, mode)),
      );
      // What is short is not compressed.
      if (bundle.ipcomp !== undefined && bundle.esp !== undefined)
        expect(esp.map(({ cpi }) => cpi !== undefined)).toEqual([false, true, true]);
      const counted = observer.report().sas.filter(({ packets }) => packets > 0);
      expect(
        counted.map(({ protocol, opened, icvBad, keys }) => [protocol, opened, icvBad, keys].join(' ')).sort(),
      ).toEqual([
        ...(bundle.ah === undefined ? [] : ['ah 3 0 derived']),
        ...(bundle.esp === undefined ? [] : ['esp 3 0 derived']),
      ]);
    },
  );

  it('is assessed as a whole: what AH authenticates needs no ICV of its own', () => {
    const { frames, log } = bundleSession({ esp: [espSuite('3des-cbc/none')], ah: AH }, 'tunnel', 4);
    const { sas, findings } = observed(frames, { keys: skeyids(log) }).observer.report();
    expect(sas.filter(({ protocol }) => protocol === 'esp')).toMatchObject(
      [0, 1].map(() => ({ suite: '3des-cbc/none', isInAh: true })),
    );
    expect(findings.map(({ what }) => what).join()).not.toContain('not authenticated');
  });

  it('may have 64 bits of sequence number, of AH too', () => {
    const { frames, log } = bundleSession({ esp: ESP, ah: AH }, 'tunnel', 4, { esn: true });
    const { observations, observer } = observed(frames, { keys: skeyids(log) });
    expect(ofAh(observations).map(({ icv, sequenceHigh }) => [icv, sequenceHigh])).toEqual(
      [0, 1, 2].map(() => ['ok', 0]),
    );
    expect(openedIn(observations)).toBeGreaterThan(3);
    expect(observer.report().sas.map(({ esn }) => esn)).toEqual([true, true, true, true]);
  });
});

describe('the ICV of AH', () => {
  const { frames, log } = bundleSession({ ah: AH }, 'transport', 4);
  const last = frames.at(-1) ?? expect.unreachable();
  const verdict = (packet: Uint8Array, keys: KeyRing) =>
    ofAh(observed([packet], { keys }).observations).map(({ icv, notes }) => [icv, ...notes]);
  const bad = [['bad', 'the ICV is wrong']];

  it('is right by a key from a file, and wrong by another; without one nothing is said', () => {
    expect(verdict(last, ahKeys(log))).toEqual([['ok']]);
    expect(
      verdict(
        last,
        ahKeys(log, (key) => key.replaceAll(/[0-7]/g, 'e')),
      ),
    ).toEqual(bad);
    expect(
      verdict(
        last,
        ahKeys(log, (key) => key.slice(2)),
      ),
    ).toEqual([['unknown', 'cannot check hmac-sha1-96: not supported']]);
    expect(verdict(last, readKeys([]))).toEqual([['unknown', 'no key for this SPI']]);
    expect(ofAh(observed(frames, { keys: ahKeys(log) }).observations).map(toText)).toEqual([
      expect.stringMatching(/AH spi 0x[0-9a-f]{8} seq 1: icv ok, replay: new; around udp$/),
      ...[2, 3].map(() => expect.stringMatching(/icv ok, replay: new; around udp$/)),
    ]);
  });

  it('does not cover what routers change, and all else', () => {
    const keys = ahKeys(log);
    const changed = (at: number) => last.with(at, (last[at] ?? 0) ^ 4);
    const [tos, ttl, ...checksum] = [1, 8, 10, 11];
    for (const at of [tos, ttl, ...checksum]) expect(verdict(changed(at), keys)[0]?.[0]).toBe('ok');
    const [identification, reserved, sequence, icv] = [5, 23, 31, 43];
    for (const at of [identification, reserved, sequence, icv])
      expect([at, verdict(changed(at), keys)[0]?.[0]]).toEqual([at, 'bad']);
    for (let at = 44; at < last.length; at += 7) expect(verdict(changed(at), keys)).toEqual(bad);
  });

  it('covers what AH is in front of, in ESP too', () => {
    const spi = 0x1234;
    const { suite, keys } = {
      suite: espSuite('aes-128-cbc/hmac-sha1-96'),
      keys: { encryption: new Uint8Array(16), salt: new Uint8Array(0), integrity: new Uint8Array(20) },
    };
    const esp = new OutboundSa({
      engine: nobleEngine(),
      suite,
      keys,
      spi: toSpi(spi),
      mode: 'transport',
      rng: seededRng(1),
    });
    const sealed = esp.sealInto(instant(0), last, new Uint8Array(esp.sealedOctets(last.length)));
    if (!sealed.ok) return expect.unreachable(sealed.reason);
    expect(ip.protocol(sealed.octets, 0, sealed.octets.length)).toBe(PROTOCOL.esp);
    const zero = (octets: number) => '00'.repeat(octets);
    const table = `"IPv4","*","*","${spi}","AES-CBC","0x${zero(16)}","HMAC-SHA-1-96","0x${zero(20)}"`;
    const ring = { ...ahKeys(log), esp: readKeys([{ name: 'esp_sa', text: table }]).esp };
    const { observations } = observed([sealed.octets], { keys: ring });
    expect(observations).toMatchObject([
      { kind: 'esp', icv: 'ok', nextHeader: PROTOCOL.ah },
      { kind: 'ah', icv: 'ok', nextHeader: PROTOCOL.udp },
    ]);
  });
});

describe('IPComp', () => {
  const packet = udpPacket(['10.1.0.7', 5], ['10.2.0.9', 500], 40);
  /** A tunnel of IPComp alone (RFC 3173 §2). */
  const alone = (compressed: Uint8Array) =>
    encodeIpv4({
      source: parseAddress('192.0.2.1'),
      destination: parseAddress('198.51.100.1'),
      protocol: PROTOCOL.ipcomp,
      payload: concat(Uint8Array.of(PROTOCOL.ipip, 0, 0x12, 0x34), compressed),
    });

  it('by itself is read on in', () => {
    const { observations } = observed([alone(deflateRawSync(packet))]);
    expect(observations).toMatchObject([{ kind: 'isakmp', source: '10.1.0.7:5', at: undefined }]);
    expect(observations[0]?.layers.map(({ name }) => name)).toContain('IPComp');
  });

  it('of another algorithm, a damaged one, and a bomb are told of', () => {
    const why = (octets: Uint8Array) =>
      observed([octets])
        .observer.report()
        .unread.map((row) => row.why);
    expect(why(alone(Uint8Array.of(7, 7, 7)))).toEqual(['IPComp that is not DEFLATE (CPI 4660)']);
    expect(why(alone(deflateRawSync(new Uint8Array(1 << 20))))).toEqual(['IPComp of more octets than a packet has']);
    expect(why(alone(new Uint8Array(0)).subarray(0, 22))).toEqual(['IPComp that is not there whole']);
  });
});
