import { generateKeyPairSync } from 'node:crypto';
import {
  answerWith,
  certificatePayloads,
  certificatesFrom,
  formatRefusal,
  nameCertificate,
  Pki,
  privateKeyFrom,
  publicKeyFrom,
  writePem,
} from '@espalier/pki';
import { issueCertificate, issueCrl } from '@espalier/pki/issue';
import { fqdnId } from '@espalier/wire';

const [YEAR_2026, YEAR_2027] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)];
const NOW = Date.UTC(2026, 5, 1);

// An authority and a router of its, as a laboratory makes them; elsewhere they come in files.
function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    key: privateKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    publicKey: publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
  };
}

const [authorityKeys, routerKeys] = [keyPair(), keyPair()];
const root = issueCertificate(
  { name: 'O=Example, CN=Entrust', key: authorityKeys.key },
  {
    serial: '01',
    subject: 'O=Example, CN=Entrust',
    key: authorityKeys.publicKey,
    notBefore: YEAR_2026,
    notAfter: YEAR_2027,
    extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] },
  },
);
const authority = { name: root, key: authorityKeys.key };
const router = issueCertificate(authority, {
  serial: '2a',
  subject: 'O=Example, CN=router2.example.com',
  key: routerKeys.publicKey,
  notBefore: YEAR_2026,
  notAfter: YEAR_2027,
  extensions: { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: 'router2.example.com' }] },
});

// Whom the other router believes, and what it answers when IKE asks.
const [trusted] = certificatesFrom(writePem('CERTIFICATE', root.octets));
if (trusted === undefined) throw new Error('no certificate in the file');
const pki = new Pki({ trustAnchors: [trusted] });
const answering = answerWith(pki);
const question = {
  kind: 'verify-chain',
  peer: 'R2',
  role: 'responder',
  method: 'rsa-signature',
  identity: fqdnId('router2.example.com'),
  certificates: certificatePayloads([router]),
} as const;
const tell = (when: string) => {
  const answer = answering(question, NOW);
  if (answer?.kind === 'verify-chain') console.log(`${when}: ${'key' in answer ? 'believed' : answer.reason}`);
};

console.log(`R2 shows ${nameCertificate(router)}`);
tell('without a CRL');
pki.addCrl(issueCrl(authority, { thisUpdate: NOW, nextUpdate: NOW + 86_400_000 }));
tell('with one');

const verdict = pki.verifyChain(NOW, { ...question, identity: fqdnId('router3.example.com') });
console.log(`as router3: ${verdict.ok ? 'believed' : formatRefusal(verdict.refusal)}`);

pki.addCrl(issueCrl(authority, { thisUpdate: NOW, number: 2, revoked: [{ serial: '2a', at: NOW }] }));
tell('revoked');
