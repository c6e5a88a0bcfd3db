import { toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { type KeyRing, type Observation, readKeys } from '../../src/index.ts';
import { innerPacket, ipv4, observed, openedIn, ringOf, type SessionForm, testSession } from '../support/session.ts';

const isakmpOf = (all: readonly Observation[]) => all.filter((one) => one.kind === 'isakmp');

/** Ciphers and hashes of phase 1 of every block and length. */
const FORMS: readonly SessionForm[] = [
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1' },
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256' },
  { encryption: 'aes-cbc', keyOctets: 16, hash: 'md5' },
  { encryption: 'aes-cbc', keyOctets: 24, hash: 'sha2-512' },
  { encryption: 'camellia-cbc', keyOctets: 16, hash: 'sha1' },
  { encryption: '3des-cbc', hash: 'sha1' },
];

describe.each(FORMS.map((form) => [`${form.encryption} ${form.keyOctets ?? ''} ${form.hash}`, form] as const))(
  'a session with %s',
  (_, form) => {
    const session = testSession(form);
    const keys = readKeys([{ name: 'keys.json', text: session.json }]);
    const packets = session.sent.map(ipv4);

    it('is opened whole by what SKEYID gives, ESP and all', () => {
      const { observations } = observed(packets, { keys });
      expect(openedIn(observations)).toBe(session.encrypted);
      const inner = observations.flatMap((one) => (one.kind === 'esp' && one.inner ? [toHex(one.inner)] : []));
      expect(inner).toEqual([0, 1].flatMap((n) => [0, 1].map((k) => toHex(innerPacket(k, n)))));
      for (const message of isakmpOf(observations)) if (message.encrypted) expect(message.hash).toBe('ok');
    });

    it('loses nothing but what it must with any one frame', () => {
      for (const [lost] of packets.entries()) {
        const { observations } = observed(
          packets.filter((_, i) => i !== lost),
          { keys },
        );
        const closed = observations.filter(
          (one) =>
            (one.kind === 'isakmp' && one.encrypted && !one.decrypted) || (one.kind === 'esp' && one.icv !== 'ok'),
        );
        const names = closed.map((one) => (one.kind === 'isakmp' ? one.name : one.kind));
        // Of Main Mode a message without the block in front of it; of ESP what the lost message of Quick Mode has agreed on.
        const children = ['esp', 'esp', 'esp', 'esp'];
        if (lost === 2 || lost === 3) expect(names).toEqual(['Main Mode 5']);
        else if (lost === 4) expect(names).toEqual(['Main Mode 6']);
        else if (lost === 6) expect(names).toEqual(children);
        else if (lost === 7) expect(names).toEqual(['Quick Mode', ...children]);
        else expect(names).toEqual([]);
      }
    });

    it('is opened from Quick Mode on where that is all that was captured, and its hash proves it', () => {
      const { observations } = observed(packets.slice(6), { keys });
      expect(openedIn(observations)).toBe(session.encrypted - 2);
      const [first, ...others] = isakmpOf(observations);
      expect(first).toMatchObject({
        decrypted: true,
        hash: 'ok',
        notes: [expect.stringContaining('first block was made anew')],
      });
      expect(first?.payloads.map(({ kind }) => kind)).toContain('sa');
      expect(others.every(({ hash }) => hash === 'ok')).toBe(true);
    });

    it('is read without its hash where the key of the cipher is all that there is', () => {
      const ring = ringOf(session);
      const { observations } = observed(packets, { keys: ring });
      expect(openedIn(observations)).toBe(session.encrypted);
      const middle = isakmpOf(observed(packets.slice(6), { keys: ring }).observations);
      expect(middle[0]).toMatchObject({ decrypted: true, hash: 'none' });
      expect(middle[0]?.payloads.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['sa', 'nonce', 'id']));
    });

    it('shows nothing under any wrong key, from whichever frame on', () => {
      const wrong: KeyRing = {
        ...keys,
        ike: keys.ike.map(({ initiatorCookie, encryption = new Uint8Array(0) }) => ({
          initiatorCookie,
          encryption: encryption.map((octet) => octet ^ 0x5a),
        })),
      };
      for (const [from] of packets.entries()) {
        const shown = observed(packets.slice(from), { keys: wrong }).observations;
        expect(shown.filter((one) => one.kind === 'isakmp' && one.decrypted)).toEqual([]);
        for (const message of isakmpOf(shown)) if (message.encrypted) expect(message.payloads).toEqual([]);
      }
    });
  },
);

describe('who is who', () => {
  const session = testSession();
  const keys = readKeys([{ name: 'keys.json', text: session.json }]);
  const packets = session.sent.map(ipv4);
  const senders = (all: readonly Observation[]) => isakmpOf(all).map(({ sender }) => sender);

  it('is taken from the protocol, with the responder seen first', () => {
    const { observations, observer } = observed(packets.slice(1), { keys });
    expect(senders(observations).slice(0, 5)).toEqual([
      'responder',
      'initiator',
      'responder',
      'initiator',
      'responder',
    ]);
    expect(observer.report().ikeSas[0]).toMatchObject({
      initiator: '192.0.2.1:500',
      responder: '198.51.100.1:500',
      mode: 'main',
    });
  });

  it('is told apart for two answers to one first message', () => {
    const [first, answer] = session.sent;
    if (first === undefined || answer === undefined) return expect.unreachable();
    const other = { ...answer, from: '203.0.113.9', octets: answer.octets.slice() };
    other.octets.set([9, 9, 9, 9], 8);
    const { observer } = observed([first, other, ...session.sent.slice(1)].map(ipv4), { keys });
    const [one, two] = observer.report().ikeSas;
    expect(one).toMatchObject({ responderCookie: expect.stringMatching(/^09090909/), messages: 2 });
    expect(two).toMatchObject({ decrypted: session.encrypted - 4, state: 'established' });
  });

  it('shows in what each message is called', () => {
    const names = isakmpOf(observed(packets, { keys }).observations).map(({ name }) => name);
    expect(names).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((n) => `Main Mode ${n}`),
      ...[1, 2, 3].map((n) => `Quick Mode ${n}`),
      'Informational R-U-THERE',
      'Informational R-U-THERE-ACK',
    ]);
  });

  it('knows a message that comes again, wherever it comes', () => {
    const again = [...packets.slice(0, 3), ...packets];
    const messages = isakmpOf(observed(again, { keys }).observations);
    expect(messages.map(({ repeats }) => repeats).slice(0, 7)).toEqual([
      undefined,
      undefined,
      undefined,
      1,
      2,
      3,
      undefined,
    ]);
    const twice = observed(
      packets.flatMap((packet) => [packet, packet]),
      { keys },
    );
    expect(openedIn(twice.observations)).toBe(2 * session.encrypted);
    expect(twice.observer.report().ikeSas[0]).toMatchObject({ messages: 11, retransmissions: 11 });
    expect(twice.observer.report().sas.map(({ replayed }) => replayed)).toEqual([2, 2]);
    const verdicts = twice.observations.flatMap((one) => (one.kind === 'esp' ? [`${one.replay} ${one.order}`] : []));
    expect(verdicts.filter((verdict) => verdict === 'replayed repeated').length).toBe(4);
  });

  it('holds in Aggressive Mode, whose identities are in clear', () => {
    const aggressive = testSession({ mode: 'aggressive', natTraversal: 'auto' });
    const ring = readKeys([{ name: 'keys.json', text: aggressive.json }]);
    const { observations, observer } = observed(aggressive.sent.map(ipv4), { keys: ring });
    expect(openedIn(observations)).toBe(aggressive.encrypted);
    const [one, two, three] = isakmpOf(observations);
    expect([one, two, three].map((message) => message?.name)).toEqual([1, 2, 3].map((n) => `Aggressive Mode ${n}`));
    expect([two, three].map((message) => message?.hash)).toEqual(['ok', 'ok']);
    expect(observer.report().ikeSas[0]).toMatchObject({
      mode: 'aggressive',
      state: 'established',
      initiatorId: expect.any(String),
    });
    expect(observer.report().findings[0]).toMatchObject({
      severity: 'high',
      clause: expect.stringContaining('CVE-2002-1623'),
    });
  });
});
