import { createCbc } from '@espalier/crypto';
import { hash1, phase2Iv } from '@espalier/ike';
import {
  concat,
  encodeHeader,
  encodeIpv4,
  encodePayloads,
  encodeUdp,
  fromHex,
  NOTIFY,
  parseAddress,
  toHex,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedJson } from '../../../../test/shared.ts';
import { type IsakmpObservation, type Observation, Observer, readCapture, readKeys } from '../../src/index.ts';
import { u16, u32 } from '../support/files.ts';
import { ipv4, observed, ringOf, testSession } from '../support/session.ts';

const isakmpOf = (all: readonly Observation[]): readonly IsakmpObservation[] =>
  all.filter((one) => one.kind === 'isakmp');

function datagram(from: 'left' | 'right', octets: Uint8Array, port = 500): Uint8Array {
  const ends = ['192.0.2.1', '198.51.100.1'].map(parseAddress);
  const [source = ends[0], destination = ends[1]] = from === 'left' ? ends : ends.toReversed();
  if (source === undefined || destination === undefined) return expect.unreachable();
  return encodeIpv4({
    source,
    destination,
    protocol: 17,
    payload: encodeUdp({ sourcePort: port, destinationPort: port, payload: octets }, { source, destination }),
  });
}

interface Trace {
  readonly name: string;
  readonly phase1: { readonly auth: string };
  readonly psk_ascii?: string;
  readonly initiator_dh_private: string;
  readonly quick_mode?: object;
  readonly messages: readonly {
    readonly from: 'initiator' | 'responder';
    readonly hex: string;
    readonly encrypted: boolean;
  }[];
}

describe.skipIf(!hasShared)('a pre-shared key and a private value of Diffie-Hellman', () => {
  const { traces } = hasShared
    ? sharedJson<{ traces: readonly Trace[] }>('vectors/ike-psk/ikev1-traces-rub-nds.json')
    : { traces: [] };
  const ofKeys = traces.filter(({ psk_ascii, phase1 }) => psk_ascii !== undefined && phase1.auth === 'PSK');
  const seen = ({ messages }: Trace, keys: object) =>
    observed(
      messages.map(({ from, hex }) => datagram(from === 'initiator' ? 'left' : 'right', fromHex(hex))),
      { keys: readKeys([{ name: 'keys.json', text: JSON.stringify(keys) }]) },
    );

  it('are all that decrypts a session with Cisco IOS, proves it, and keys its ESP', () => {
    expect(ofKeys.length).toBeGreaterThan(2);
    for (const trace of ofKeys) {
      const { observations, observer } = seen(trace, {
        psk: trace.psk_ascii,
        dh_private: [trace.initiator_dh_private, '0102'],
      });
      const encrypted = isakmpOf(observations).filter((message) => message.encrypted);
      expect(encrypted.length).toBeGreaterThan(0);
      expect(encrypted.map(({ decrypted, hash }) => `${decrypted} ${hash}`)).toEqual(encrypted.map(() => 'true ok'));
      const report = observer.report();
      expect(report.ikeSas[0]).toMatchObject({ keys: 'derived', state: 'established' });
      expect(report.sas.length).toBe(trace.quick_mode === undefined ? 0 : 2);
    }
  });

  it('are told of as missing where one of them is', () => {
    for (const trace of ofKeys) {
      const closed = isakmpOf(seen(trace, { psk: trace.psk_ascii }).observations).filter(
        (message) => message.encrypted,
      );
      expect(
        closed.every(({ notes }) =>
          notes.join().includes('a private value of Diffie-Hellman, and both nonces, are needed'),
        ),
      ).toBe(true);
    }
  });

  it('of which the key alone proves what Aggressive Mode sends in clear', () => {
    const trace = ofKeys.find(({ name }) => name.includes('aggressive')) ?? expect.unreachable();
    const [, answer] = isakmpOf(seen(trace, { psk: trace.psk_ascii }).observations);
    expect(answer).toMatchObject({ name: 'Aggressive Mode 2', hash: 'ok' });
    const [, wrong] = isakmpOf(seen(trace, { psk: 'another' }).observations);
    expect(wrong).toMatchObject({ hash: 'bad' });
  });
});

describe.skipIf(!hasShared)('why a negotiation came to nothing', () => {
  const report = (name: string) => {
    const observer = new Observer();
    for (const frame of readCapture(sharedFile(`captures/${name}/trace.pcap`)).frames) observer.push(frame);
    return observer.report();
  };

  it('is explained of proposals that nobody has in common', () => {
    const { failures, ikeSas } = report('fail-ike-proposal');
    expect(ikeSas).toMatchObject([{ state: 'failed', agreed: undefined }]);
    expect(failures).toMatchObject([
      {
        ikeSa: 0,
        frame: 2,
        what: expect.stringContaining('the peer says NO-PROPOSAL-CHOSEN to message 1 of Main Mode'),
      },
    ]);
    expect(failures[0]?.explanation).toContain(
      'offered here: aes-cbc-128, sha2-256, group 14 (modp-2048), pre-shared-key',
    );
  });

  it('is explained of pre-shared keys that differ, without any key', () => {
    const { failures, ikeSas } = report('fail-psk');
    expect(ikeSas).toMatchObject([{ state: 'failed', retransmissions: 3 }]);
    expect(failures.map(({ explanation }) => explanation).join()).toContain('most likely the pre-shared keys differ');
  });

  it('is not told of what went well', () => {
    expect(report('main-psk-3des-sha1-modp1024').failures).toEqual([]);
  });
});

describe('a first message that nobody answers', () => {
  const session = testSession();
  const first = session.sent.slice(0, 1).map(ipv4);

  it('is a failure once it has come again', () => {
    expect(observed(first).observer.report().failures).toEqual([]);
    const { failures, exchanges } = observed([...first, ...first, ...first]).observer.report();
    expect(failures).toMatchObject([{ what: expect.stringContaining('no answer to message 1 of Main Mode') }]);
    expect(exchanges).toMatchObject([{ name: 'Main Mode', messages: 1, retransmissions: 2, outcome: 'unanswered' }]);
  });
});

describe('IKEv2 in clear', () => {
  const payload = (next: number, body: Uint8Array) => concat(Uint8Array.of(next, 0), u16(body.length + 4), body);
  const transform = (last: boolean, type: number, id: number, bits?: number) => {
    const attribute = bits === undefined ? new Uint8Array(0) : concat(u16(0x800e), u16(bits));
    return concat(
      Uint8Array.of(last ? 0 : 3, 0),
      u16(8 + attribute.length),
      Uint8Array.of(type, 0),
      u16(id),
      attribute,
    );
  };
  const transforms = [
    transform(false, 1, 12, 128),
    transform(false, 2, 5),
    transform(false, 3, 12),
    transform(true, 4, 2),
  ];
  const proposal = concat(
    Uint8Array.of(0, 0),
    u16(8 + transforms.reduce((sum, { length }) => sum + length, 0)),
    Uint8Array.of(1, 1, 0, 4),
    ...transforms,
  );
  const message = (response: boolean, exchange: number, first: number, body: Uint8Array) =>
    concat(
      fromHex('1122334455667788'),
      fromHex(response ? '99aabbccddeeff00' : '0000000000000000'),
      Uint8Array.of(first, 0x20, exchange, response ? 0x20 : 0x08),
      u32(0),
      u32(28 + body.length),
      body,
    );
  const body = concat(
    payload(34, proposal),
    payload(40, concat(u16(2), u16(0), new Uint8Array(128))),
    payload(41, new Uint8Array(32)),
    payload(43, concat(Uint8Array.of(0, 0), u16(16388), new Uint8Array(20))),
    payload(0, fromHex('882fe56d6fd20dbc2251613b2ebe5beb')),
  );

  it('shows headers, payloads and proposals, and is assessed', () => {
    const { observations, observer } = observed([
      datagram('left', message(false, 34, 33, body)),
      datagram('right', message(true, 34, 33, body)),
    ]);
    const [request, response] = isakmpOf(observations);
    expect(request).toMatchObject({ version: 2, name: 'IKE_SA_INIT request', sender: 'initiator', notes: [] });
    expect(response).toMatchObject({ name: 'IKE_SA_INIT response', sender: 'responder' });
    expect(request?.payloads.map(({ summary }) => summary)).toEqual([
      'SA: proposal 1 ike: encr=aes-cbc-128 prf=hmac-sha2-256 integ=hmac-sha2-256-128 group=2 (modp-1024)',
      'KE: group 2 (modp-1024), 128 octets',
      'NONCE: 32 octets',
      'N: NAT_DETECTION_SOURCE_IP',
      expect.stringMatching(/^V: /),
    ]);
    const { ikeSas, exchanges, findings } = observer.report();
    expect(ikeSas).toMatchObject([
      { version: 2, mode: 'ikev2', initiator: '192.0.2.1:500', agreed: { encryption: 'aes-cbc', keyBits: 128 } },
    ]);
    expect(exchanges).toMatchObject([{ name: 'IKE_SA_INIT', outcome: 'complete', messages: 2 }]);
    expect(findings).toMatchObject([{ severity: 'high', clause: 'RFC 8247 §2.4: group 2 SHOULD NOT' }]);
  });

  it('never throws, whatever its octets are', () => {
    const whole = message(false, 34, 33, body);
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const damaged = whole.slice();
        damaged[at] = value;
        expect(() => observed([datagram('left', damaged), datagram('left', damaged.subarray(0, at))])).not.toThrow();
      }
    }
  });
});

describe('what a message shows', () => {
  const session = testSession({ natTraversal: 'force' });
  const packets = session.sent.map(ipv4);

  it('lies where it says, in clear and decrypted', () => {
    for (const message of isakmpOf(observed(packets, { keys: ringOf(session) }).observations)) {
      const whole = message.plain ?? message.octets;
      for (const { at, raw } of message.payloads) expect(toHex(whole.subarray(at, at + raw.length))).toBe(toHex(raw));
    }
  });

  it('is a NAT, in front of whom', () => {
    expect(observed(packets).observer.report().ikeSas[0]).toMatchObject({ nat: 'initiator' });
    const direct = testSession({ natTraversal: 'auto' });
    expect(observed(direct.sent.map(ipv4)).observer.report().ikeSas[0]).toMatchObject({ nat: 'none' });
  });

  it('is taken from a datagram without a frame as from one with', () => {
    const observer = new Observer({ keys: ringOf(session) });
    const end = (address: string, port = 0) => ({ address, port });
    const alone = session.sent.flatMap(({ from, to, ports, octets }, i) =>
      ports === undefined
        ? []
        : observer.pushDatagram({
            number: i + 1,
            time: 0,
            source: end(from, ports[0]),
            destination: end(to, ports[1]),
            octets,
          }),
    );
    const framed = observed(packets, { keys: ringOf(session) }).observations;
    expect(alone.map(({ kind }) => kind)).toEqual(framed.map(({ kind }) => kind));
    expect(isakmpOf(alone).map(({ name, decrypted }) => [name, decrypted])).toEqual(
      isakmpOf(framed).map(({ name, decrypted }) => [name, decrypted]),
    );
  });

  it('is the same from octets in a Buffer that is used again', () => {
    const observer = new Observer({ keys: ringOf(session) });
    const memory = Buffer.alloc(4096);
    const shared = packets.flatMap((packet, i) => {
      memory.fill(0xaa);
      memory.set(packet);
      const seen = observer.push({ number: i + 1, time: 0, linkType: 101, octets: memory.subarray(0, packet.length) });
      return seen.map((one) =>
        one.kind === 'isakmp'
          ? `${one.name} ${one.decrypted} ${one.hash}`
          : one.kind === 'esp'
            ? `${one.icv}`
            : one.kind,
      );
    });
    const own = observed(packets, { keys: ringOf(session) }).observations.map((one) =>
      one.kind === 'isakmp' ? `${one.name} ${one.decrypted} ${one.hash}` : one.kind === 'esp' ? `${one.icv}` : one.kind,
    );
    expect(shared).toEqual(own);
  });

  it('is nothing of what is no Uint8Array', () => {
    // @ts-expect-error: a caller in plain JavaScript
    expect(() => new Observer().push({ number: 1, time: 0, linkType: 1, octets: 'text' })).toThrow(
      'octets must be a Uint8Array',
    );
  });
});

describe('a receiver that does without anti-replay', () => {
  it('says so by REPLAY-STATUS, and is found', () => {
    const session = testSession();
    const keys = readKeys([{ name: 'keys.json', text: session.json }]);
    const [ike] = keys.ike;
    const [first, esp] = [session.sent[5], session.sent.find(({ isEsp, from }) => isEsp && from === '192.0.2.1')];
    if (ike?.encryption === undefined || ike.skeyidA === undefined || first === undefined || esp === undefined)
      return expect.unreachable();
    const [messageId, cipher] = [0x1234, createCbc('aes-cbc', ike.encryption)];
    const told = {
      kind: 'notification',
      doi: 1,
      protocol: 3,
      notifyType: NOTIFY['REPLAY-STATUS'],
      spi: esp.octets.slice(0, 4),
      data: new Uint8Array(4),
    } as const;
    const rest = encodePayloads([told]).octets;
    const { octets } = encodePayloads([{ kind: 'hash', data: hash1('sha1', ike.skeyidA, messageId, rest) }, told]);
    const plain = concat(octets, new Uint8Array(-octets.length & 15));
    const body = cipher.encrypt(phase2Iv('sha1', first.octets.slice(-16), messageId, 16), plain);
    const cookies = { initiatorCookie: first.octets.slice(0, 8), responderCookie: first.octets.slice(8, 16) };
    const header = encodeHeader({ ...cookies, exchange: 5, flags: 1, messageId }, 8, body.length);
    const message = { ...first, octets: concat(header, body) };
    const { observations, observer } = observed([...session.sent, message].map(ipv4), { keys });
    expect(isakmpOf(observations).at(-1)).toMatchObject({ name: 'Informational REPLAY-STATUS', hash: 'ok' });
    const { sas, findings } = observer.report();
    expect(sas.map(({ source, antiReplay }) => [source, antiReplay])).toEqual([
      ['192.0.2.1', false],
      ['198.51.100.1', undefined],
    ]);
    expect(findings.map(({ what }) => what).join()).toContain('is received without anti-replay');
  });
});

describe('a renewal', () => {
  it('takes the place of the SA for the same traffic, in the same direction', () => {
    const session = testSession({ acts: [{ by: 'left', act: 'renew-child' }] });
    const keys = readKeys([{ name: 'keys.json', text: session.json }]);
    const { sas, exchanges } = observed(session.sent.map(ipv4), { keys }).observer.report();
    const renewed = sas.filter(({ replaces }) => replaces >= 0);
    expect(renewed.length).toBe(2);
    for (const sa of renewed)
      expect(sas[sa.replaces]).toMatchObject({ source: sa.source, destination: sa.destination });
    for (const [index, sa] of sas.entries()) expect(sas[sa.opposite]?.opposite).toBe(index);
    expect(exchanges.filter(({ name }) => name === 'Quick Mode').map(({ outcome }) => outcome)).toEqual([
      'complete',
      'complete',
    ]);
  });
});
