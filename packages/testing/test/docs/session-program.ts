import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';

const nonce = { change: 'body', at: 2, octets: { change: 'cut', left: 4 } } as const;
const { mutant, session } = play(
  { ...PLAIN_SESSION, seed: 7, mode: 'aggressive', authentication: 'rsa-signature' },
  { step: { exchange: 'quick', message: 1 }, mutation: { where: 'payloads', payloads: nonce, hash: 'right' } },
);
const said = session.events.right.map(({ kind }) => kind).join(', ');
console.log(`taken: ${mutant?.result.ok}; the responder says: ${said}`);
const { pcap, ikev1DecryptionTable, espSa } = captureOf(session);
console.log(`${pcap.length} octets of pcap, ${ikev1DecryptionTable.length + espSa.length} of keys for Wireshark`);
