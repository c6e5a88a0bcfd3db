import { generateKeyPairSync, randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { AddressPool, type Endpoint, IkeEndpoint, type IkeProposal, Passwords } from '@espalier/ike';
import { answerWith, Pki, privateKeyFrom, publicKeyFrom } from '@espalier/pki';
import { issueCertificate } from '@espalier/pki/issue';
import { after, fqdnId, fromAscii, instant, ipv4SubnetId, keyId, seconds } from '@espalier/wire';

const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 5, 1);
const engine = nodeEngine();
const runsOn = { engine, rng: { fill: randomFillSync } };

/** An authority and the gateway's certificate, as a laboratory makes them. Users have none. */
const validity = { notBefore: TODAY - 30 * DAY, notAfter: TODAY + 335 * DAY };
function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    key: privateKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}
const [ca, own] = [keyPair(), keyPair()];
const CA = 'O=Example, CN=Root';
const root = issueCertificate(
  { name: CA, key: ca.key },
  { ...validity, serial: '01', subject: CA, key: ca.publicKey, extensions: { ca: true, keyUsage: ['keyCertSign'] } },
);
const certificate = issueCertificate(
  { name: root, key: ca.key },
  {
    ...validity,
    ...{ serial: '0a', subject: 'O=Example, CN=vpn.example.com', key: own.publicKey },
    extensions: { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: 'vpn.example.com' }] },
  },
);

const OFFICE: Endpoint = { address: '203.0.113.1', port: 500 };
const HOME: Endpoint = { address: '198.51.100.25', port: 500 };
const office = ipv4SubnetId('10.1.56.0/24');
/** Who begins is a user and signs nothing; who answers signs, and then asks for the user. */
const proposal = {
  ...{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14 },
  authentication: 'hybrid-initiator-rsa-signature',
} as const satisfies IkeProposal;
const child = { name: 'office', suites: [espSuite('aes-256-cbc/hmac-sha2-256-128')], lifetime: seconds(3600) };

const gateway = new IkeEndpoint({
  ...runsOn,
  peers: [
    {
      name: 'users',
      local: OFFICE,
      localIdentity: fqdnId('vpn.example.com'),
      remote: { addresses: 'any' },
      remoteIdentity: 'any', // a user's identity proves nothing here
      credentials: { privateKey: 'ask', remoteKey: 'ask' },
      proposals: [proposal],
      lifetime: seconds(28_800),
      xauth: { side: 'gateway' },
      modeConfig: { side: 'gateway' },
      children: [{ ...child, localIdentity: office, remoteIdentity: 'assigned' }],
    },
  ],
});
const signing = answerWith(new Pki({ trustAnchors: [root], credentials: [{ certificate, key: own.key }], engine }));
const passwords = new Passwords([{ userName: 'alice', password: fromAscii('wonderland') }]);
const pool = new AddressPool({ ipv4: '10.1.77.0/24' });

function user(name: string, password: string): IkeEndpoint {
  return new IkeEndpoint({
    ...runsOn,
    peers: [
      {
        name: 'office',
        local: HOME,
        localIdentity: keyId(fromAscii(name)),
        remote: OFFICE,
        remoteIdentity: fqdnId('vpn.example.com'),
        credentials: { remoteKey: 'ask' },
        proposals: [proposal],
        lifetime: seconds(28_800),
        xauth: { side: 'user', userName: name, password: fromAscii(password) },
        modeConfig: { side: 'client' },
        children: [{ ...child, localIdentity: 'assigned', remoteIdentity: office }],
      },
    ],
  });
}
/** Whom a user believes: no CRL is asked for here, which is the laboratory's way. */
const trusting = answerWith(new Pki({ trustAnchors: [root], policy: { revocation: 'off' }, engine }));

let now = instant(TODAY);

/** What is asked, and what has happened, at either end. */
function serve(client: IkeEndpoint): void {
  for (let asked = gateway.pollQuestion(); asked !== undefined; asked = gateway.pollQuestion()) {
    if (asked.kind === 'verify-credentials') gateway.answer(now, asked.id, passwords.answer(asked));
    else if (asked.kind === 'lease') gateway.answer(now, asked.id, pool.answer(asked));
    else {
      const answer = signing(asked, TODAY);
      if (answer !== undefined) gateway.answer(now, asked.id, answer);
    }
  }
  for (let asked = client.pollQuestion(); asked !== undefined; asked = client.pollQuestion()) {
    const answer = trusting(asked, TODAY);
    if (answer !== undefined) client.answer(now, asked.id, answer);
  }
  for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
    pool.handleEvent(event);
    if (event.kind === 'ike-established') console.log('gateway: here is', event.ikeSa.user);
    if (event.kind === 'ike-failed') console.log('gateway: nobody is let in,', event.reason);
  }
  for (let event = client.pollEvent(); event !== undefined; event = client.pollEvent()) {
    if (event.kind === 'configured') console.log('user: I am', event.configuration.addresses[0]);
    if (event.kind === 'child-established') console.log('user:', event.child.protections[0]?.suite.name);
    if (event.kind === 'ike-failed') console.log('user:', event.reason);
  }
}

function call(client: IkeEndpoint): void {
  client.initiate(now, 'office');
  for (let second = 0; second < 5; second++) {
    for (let busy = true; busy; ) {
      busy = false;
      serve(client);
      for (const [from, to] of [
        [client, gateway],
        [gateway, client],
      ] as const) {
        for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
          to.handleDatagram(now, out.source, out.destination, out.octets);
          busy = true;
        }
      }
    }
    now = after(now, seconds(1));
    for (const endpoint of [client, gateway]) endpoint.handleTimeout(now);
  }
}

call(user('alice', 'wonderland'));
call(user('alice', 'looking-glass'));
