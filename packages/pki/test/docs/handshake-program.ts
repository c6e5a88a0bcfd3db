import { generateKeyPairSync, randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { type Endpoint, formatFailure, IkeEndpoint } from '@espalier/ike';
import {
  answerWith,
  type Certificate,
  type Credential,
  type Crl,
  Pki,
  privateKeyFrom,
  publicKeyFrom,
} from '@espalier/pki';
import { type Authority, issueCertificate, issueCrl } from '@espalier/pki/issue';
import { after, fqdnId, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 5, 1);
const engine = nodeEngine();

/** An authority and its two gateways, as a laboratory makes them; elsewhere they come in files. */
function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    key: privateKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

const authorityKeys = keyPair();
const validity = { notBefore: TODAY - 30 * DAY, notAfter: TODAY + 335 * DAY };
const root = issueCertificate(
  { name: 'O=Example, CN=Root', key: authorityKeys.key },
  {
    serial: '01',
    subject: 'O=Example, CN=Root',
    key: authorityKeys.publicKey,
    ...validity,
    extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] },
  },
);
const authority: Authority = { name: root, key: authorityKeys.key };

function enroll(serial: string, hostName: string): Credential {
  const { key, publicKey } = keyPair();
  const extensions = { keyUsage: ['digitalSignature'] as const, subjectAltNames: [{ dns: hostName }] };
  const fields = { serial, subject: `O=Example, CN=${hostName}`, key: publicKey, ...validity, extensions };
  return { certificate: issueCertificate(authority, fields), key };
}

const credentials = { west: enroll('0a', 'west.example.com'), east: enroll('0b', 'east.example.com') };
const crlWith = (...revoked: readonly Certificate[]) =>
  issueCrl(authority, {
    thisUpdate: TODAY,
    nextUpdate: TODAY + DAY,
    revoked: revoked.map(({ serial }) => ({ serial, at: TODAY })),
  });

const AT: Record<Side, Endpoint> = {
  west: { address: '192.0.2.1', port: 500 },
  east: { address: '198.51.100.1', port: 500 },
};
const NET: Record<Side, string> = { west: '10.1.0.0/16', east: '10.2.0.0/16' };
type Side = 'west' | 'east';

/** A gateway that signs, and believes whom the authority has certified and not revoked. */
function gateway(side: Side, crl: Crl) {
  const other = side === 'west' ? 'east' : 'west';
  const pki = new Pki({ trustAnchors: [root], crls: [crl], credentials: [credentials[side]], engine });
  const endpoint = new IkeEndpoint({
    engine,
    rng: { fill: randomFillSync },
    peers: [
      {
        name: other,
        local: AT[side],
        remote: AT[other],
        localIdentity: fqdnId(`${side}.example.com`),
        remoteIdentity: fqdnId(`${other}.example.com`),
        credentials: { privateKey: 'ask', remoteKey: 'ask', requests: pki.certificateRequests() },
        proposals: [
          { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 19, authentication: 'rsa-signature' },
        ],
        lifetime: seconds(3600),
        children: [
          {
            name: 'net',
            suites: [espSuite('aes-256-gcm-16')],
            localIdentity: ipv4SubnetId(NET[side]),
            remoteIdentity: ipv4SubnetId(NET[other]),
            lifetime: seconds(3600),
          },
        ],
      },
    ],
  });
  return { side, endpoint, answering: answerWith(pki) };
}

type Gateway = ReturnType<typeof gateway>;

/** Answers what is asked, tells what has happened, hands on what is to be sent: whether there was nothing to send. */
function drain({ side, endpoint, answering }: Gateway, to: Gateway): boolean {
  for (let question = endpoint.pollQuestion(); question; question = endpoint.pollQuestion()) {
    const answer = answering(question, TODAY);
    if (answer) endpoint.answer(now, question.id, answer);
  }
  for (let event = endpoint.pollEvent(); event; event = endpoint.pollEvent()) {
    if (event.kind === 'child-established') console.log(`${side}: ${event.child.protections[0]?.suite.name}`);
    if (event.kind === 'ike-failed') console.log(`${side}: ${formatFailure(event)}`);
  }
  let isIdle = true;
  for (let out = endpoint.pollTransmit(); out; out = endpoint.pollTransmit()) {
    to.endpoint.handleDatagram(now, out.source, out.destination, out.octets);
    isIdle = false;
  }
  return isIdle;
}

let now = instant(TODAY);

/** Ten seconds: a certificate that is not believed may have been altered on its way, so it is asked for once more. */
function meet(crl: Crl): void {
  const [west, east] = [gateway('west', crl), gateway('east', crl)];
  west.endpoint.initiate(now, 'east');
  for (let second = 0; second < 10; second++) {
    while (!drain(west, east) || !drain(east, west)) {}
    now = after(now, seconds(1));
    for (const { endpoint } of [west, east]) endpoint.handleTimeout(now);
  }
}

console.log('Nobody is revoked:');
meet(crlWith());
console.log('East is revoked:');
meet(crlWith(credentials.east.certificate));
