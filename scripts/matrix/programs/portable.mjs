// What a user's first programs do, on whatever runs JavaScript: IKEv1 in memory, ESP by each engine there is here, a capture.
import { CaptureReader, framesOf, Observer, PcapngWriter, readKeys } from '@espalier/capture';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { aesGcm, leanEngine } from '@espalier/crypto/lean';
import { autoEngine } from '@espalier/crypto/wasm';
import { InboundSa, OutboundSa, PacketPool } from '@espalier/esp';
import { saPairOf } from '@espalier/gateway';
import { IkeEndpoint } from '@espalier/ike';
import {
  encodeIpv4,
  encodeUdp,
  fromAscii,
  instant,
  ipv4SubnetId,
  PROTOCOL,
  parseAddress,
  seconds,
  spi,
  toHex,
} from '@espalier/wire';

const now = instant(0);
const IPV4_HEADER = 20;
const rng = { fill: (octets) => globalThis.crypto.getRandomValues(octets) };
const inner = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(1000),
});

/** What it did, in a line. Throws where anything is not as it should be. */
export async function run() {
  const { children, sent, keys } = negotiate();
  const engine = nobleEngine();
  const [west, east] = children.map((child) => saPairOf(child, { engine, rng }));
  passThrough(west.outbound, east.inbound, engine, IPV4_HEADER);
  const chosen = autoEngine();
  const engines = [chosen.engine, leanEngine({ aeads: { 'aes-gcm': aesGcm } })];
  for (const one of engines) {
    const suite = espSuite('aes-256-gcm-16');
    const keys = {
      encryption: rng.fill(new Uint8Array(32)),
      salt: rng.fill(new Uint8Array(4)),
      integrity: new Uint8Array(0),
    };
    const shared = { suite, spi: spi(0x1000), keys };
    passThrough(new OutboundSa({ ...shared, engine: one, rng }), new InboundSa({ ...shared, engine }), one);
  }
  await readCapture(sent, keys);
  return `IKEv1 and ESP by ${['noble', ...engines.map(({ name }) => name)].join(', ')} (${chosen.reason}); its capture read`;
}

/** Of the negotiation, compressed: all of it is there, and all that was encrypted is read. */
async function readCapture(sent, keys) {
  const writer = new PcapngWriter();
  const file = new Blob([writer.beginning(), ...sent.map((octets) => writer.frame({ time: 0, octets }))]);
  const reader = new CaptureReader();
  const observer = new Observer({ keys: readKeys([{ name: 'keys.json', text: JSON.stringify({ ike_sas: keys }) }]) });
  const chunks = streamed(file.stream().pipeThrough(new CompressionStream('gzip')));
  for await (const frames of framesOf(chunks, reader)) for (const frame of frames) observer.push(frame);
  const { ikeSas, sas } = observer.report();
  const [{ state, encrypted, decrypted }] = ikeSas;
  if (reader.fault !== undefined || state !== 'established' || encrypted !== decrypted || sas.length !== 2)
    throw new Error(`the capture of it: ${reader.fault?.reason ?? `${state}, ${decrypted} of ${encrypted} read`}`);
}

/** Not everywhere can one iterate over a stream. */
async function* streamed(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

/** `head`: octets in front of the SPI. */
function passThrough(outbound, inbound, engine, head = 0) {
  const batch = new PacketPool(engine, { slots: 8 }).createBatch(8);
  while (batch.add(inner)) {}
  outbound.sealBatch(now, batch);
  for (const packet of batch) {
    const opened = inbound.openInto(now, packet.octets.subarray(head), new Uint8Array(packet.octets.length));
    if (!(opened.ok && inner.every((octet, i) => octet === opened.octets[i])))
      throw new Error(`${engine.name}: ${opened.reason}`);
  }
}

function negotiate() {
  const ends = { west: { address: '192.0.2.1', port: 500 }, east: { address: '198.51.100.1', port: 500 } };
  const nets = { west: ipv4SubnetId('10.1.0.0/16'), east: ipv4SubnetId('10.2.0.0/16') };
  const endpoint = (own, other) =>
    new IkeEndpoint({
      engine: nobleEngine(),
      rng,
      keyLog: (entry) => entry.kind === 'ike' && keys.push(ofIke(entry)),
      peers: [
        {
          name: other,
          local: ends[own],
          remote: ends[other],
          preSharedKey: fromAscii('a long and random secret'),
          proposals: [
            { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
          ],
          lifetime: seconds(3600),
          children: [
            {
              name: 'net',
              suites: [espSuite('aes-256-gcm-16')],
              localIdentity: nets[own],
              remoteIdentity: nets[other],
              lifetime: seconds(3600),
            },
          ],
        },
      ],
    });
  const keys = [];
  const sent = [];
  const west = endpoint('west', 'east');
  const east = endpoint('east', 'west');
  const children = new Map();
  const drain = (from, to) => {
    for (let event = from.pollEvent(); event; event = from.pollEvent())
      if (event.kind === 'child-established') children.set(from, event.child);
    const before = sent.length;
    for (let out = from.pollTransmit(); out; out = from.pollTransmit()) {
      sent.push(packetOf(out));
      to.handleDatagram(now, out.source, out.destination, out.octets);
    }
    return sent.length > before;
  };
  west.initiate(now, 'east');
  while (drain(west, east) || drain(east, west)) {}
  if (children.size !== 2) throw new Error('IKEv1 has come to nothing');
  return { children: [children.get(west), children.get(east)], sent, keys };
}

function ofIke({ initiatorCookie, encryption, skeyidD, skeyidA }) {
  return { cookie_i: initiatorCookie, ka: toHex(encryption), skeyid_d: toHex(skeyidD), skeyid_a: toHex(skeyidA) };
}

function packetOf({ source, destination, octets }) {
  const between = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
  const payload = encodeUdp({ sourcePort: source.port, destinationPort: destination.port, payload: octets }, between);
  return encodeIpv4({ ...between, protocol: PROTOCOL.udp, payload });
}
