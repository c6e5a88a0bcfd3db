// Every door that parses, as one function each: octets in, whether they were taken out; what it throws is a fault.
import { readFileSync } from 'node:fs';

const EXAMPLES = new URL('../../examples/configs/', import.meta.url);
const CONFIGURATIONS = [
  'R2.conf',
  'R3.conf',
  'R4.conf',
  'digital-certificates/R2.conf',
  'dynamic-endpoints/warrior.conf',
];

/** @param modules Built, or as source: wire, junos, pki, arbitraries, certificates, sessions, and fast-check. */
export function doorsOf(modules) {
  return [...wireDoors(modules), ...pkiDoors(modules), junosDoor(modules), ...endpointDoors(modules)];
}

function wireDoors({ wire, arbitraries, sample }) {
  const { DecodeError } = wire;
  const decodes = (decode) => (octets) => {
    try {
      decode(octets);
      return true;
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  };
  const ends = arbitraries.ICMPV6_ENDS;
  const doors = {
    'isakmp-message': (octets) => wire.splitMessages(octets).map((one) => wire.decodeMessage(one)),
    'isakmp-exchange': wire.decodeMessage,
    'isakmp-fragment': wire.decodeFragment,
    'ipv4-packet': wire.decodeIpv4,
    'ipv4-options': wire.decodeIpv4Options,
    'ipv6-chain': wire.decodeIpv6,
    'udp-datagram': wire.decodeUdp,
    'icmp-message': wire.decodeIcmp,
    'icmpv6-message': (octets) => wire.decodeIcmpv6(octets, ends),
    'udp-encapsulated': (octets) => [wire.classifyUdpEncapsulated(octets), wire.classifyAtIkePort(octets)],
  };
  return Object.entries(doors).map(([name, decode]) => ({
    name: `wire ${name}`,
    seeds: () => sample(arbitraries.structure(name).octets, 12),
    run: decodes(decode),
  }));
}

function pkiDoors({ pki, certificates, sample }) {
  const seeds = () => sample(certificates.certificate(1_800_000_000), 6);
  const readers = {
    certificate: pki.readCertificate,
    crl: pki.readCrl,
    ocsp: pki.readOcspResponse,
    pkcs7: pki.readPkcs7,
    'private-key': pki.readPrivateKey,
  };
  const packed = () => seeds().map((octets) => pki.writePkcs7([pki.readCertificate(octets).value]));
  return Object.entries(readers).map(([name, read]) => ({
    name: `pki ${name}`,
    seeds: name === 'pkcs7' ? packed : seeds,
    run: (octets) => read(octets).ok,
  }));
}

function junosDoor({ junos }) {
  return {
    name: 'junos configuration',
    seeds: () => CONFIGURATIONS.map((file) => new Uint8Array(readFileSync(new URL(file, EXAMPLES)))),
    isText: true,
    run(octets) {
      try {
        junos.readJunos(new TextDecoder().decode(octets));
        return true;
      } catch (error) {
        if (error instanceof junos.JunosError) return false;
        throw error;
      }
    },
  };
}

/** Sessions that between them have every exchange and authentication; each of their datagrams is a state. */
function specifications({ PLAIN_SESSION }) {
  const acts = [
    { by: 'left', act: 'renew-child' },
    { by: 'right', act: 'delete-child' },
  ];
  return {
    main: { ...PLAIN_SESSION, acts },
    'main signed': { ...PLAIN_SESSION, authentication: 'rsa-signature', natTraversal: 'auto', pfsGroup: 2 },
    aggressive: { ...PLAIN_SESSION, mode: 'aggressive', acts: [{ by: 'right', act: 'probe' }] },
    'aggressive user': {
      ...{ ...PLAIN_SESSION, mode: 'aggressive', authentication: 'xauth-initiator-pre-shared-key' },
      modeConfig: true,
    },
  };
}

function endpointDoors({ sessions }) {
  return Object.entries(specifications(sessions)).flatMap(([name, specification]) => {
    const doors = [];
    for (let step = 0; ; step++) {
      const stopped = sessions.playTo(specification, step);
      if (stopped === undefined) return doors;
      if (stopped.opened !== undefined) doors.push(endpointDoor(sessions, name, specification, step, stopped));
    }
  });
}

/** One state: what is fed goes in place of the message's body, behind its encryption and under a HASH that is right. */
function endpointDoor(sessions, name, specification, step, { opened }) {
  const { isEncrypted, chain } = opened;
  let stopped;
  return {
    name: `${name} ${step}${isEncrypted ? '*' : ''}`,
    isEncrypted,
    seeds: () => [bodyOf(sessions, chain)],
    run(body) {
      stopped ??= sessions.playTo(specification, step);
      const { session, between, flight, opened: message } = stopped;
      const { from, octets } = flight;
      const changed = { ...message, chain: sessions.readRawChain(message.header.nextPayload, body) };
      const datagram = between.views[sessions.otherSide(from)].seal(from, changed, { hash: 'right' });
      const { ok } = session.inject(flight, datagram ?? octets);
      // What is refused has changed nothing; what is taken has.
      if (ok) stopped = undefined;
      return ok;
    },
    forget() {
      stopped = undefined;
    },
  };
}

function bodyOf(sessions, { payloads, rest }) {
  const { octets } = sessions.writeRawChain(payloads);
  const body = new Uint8Array(octets.length + rest.length);
  body.set(octets);
  body.set(rest, octets.length);
  return body;
}
