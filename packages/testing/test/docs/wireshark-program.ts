import { randomFillSync } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import type { KeyLogEntry } from '@espalier/ike';
import { espLine, ikeLine, pcapOf, type TimedPacket } from '@espalier/testing/wireshark';
import { encodeIpv4, fromAscii, type Instant, instant, PROTOCOL, parseAddress, seconds } from '@espalier/wire';

const [, , folder = '.'] = process.argv;

/** A line of one of Wireshark's tables for each key; of AH there is nothing to decrypt. */
function keyLog(entry: KeyLogEntry): void {
  if (entry.kind === 'ah') return;
  const [table, line] = entry.kind === 'ike' ? ['ikev1_decryption_table', ikeLine(entry)] : ['esp_sa', espLine(entry)];
  if (line === undefined) return; // Wireshark does not know the suite
  appendFileSync(join(folder, table), `${line}\n`, { mode: 0o600 });
  console.log(`a key for ${table}`);
}

function gateway(local: string, remote: string, near: string, far: string, log?: typeof keyLog): Gateway {
  const algorithms = { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14 } as const;
  const peer = {
    ...{ name: 'other', local, remote, preSharedKey: fromAscii('a long and random secret'), lifetime: seconds(3600) },
    proposals: [{ ...algorithms, authentication: 'pre-shared-key' }],
  } as const;
  const protect = { suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) };
  const action = { kind: 'protect', peer: peer.name, ...protect } as const;
  return new Gateway({
    config: { peers: [peer], policies: [{ name: 'net', selectors: { local: near, remote: far }, action }] },
    engine: nobleEngine(),
    rng: { fill: randomFillSync },
    ...(log === undefined ? {} : { keyLog: log }),
  });
}

const west = gateway('192.0.2.1', '198.51.100.1', '10.1.0.0/16', '10.2.0.0/16', keyLog);
const east = gateway('198.51.100.1', '192.0.2.1', '10.2.0.0/16', '10.1.0.0/16');
const seen: TimedPacket[] = [];

function relay(now: Instant): void {
  for (let isQuiet = false; !isQuiet; ) {
    isQuiet = true;
    for (const [from, to] of [
      [west, east],
      [east, west],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        seen.push({ at: now, packet: out.octets });
        to.handleOutside(now, out.octets);
        isQuiet = false;
      }
    }
  }
}

const inner = encodeIpv4({
  source: parseAddress('10.1.0.7'),
  destination: parseAddress('10.2.0.9'),
  protocol: PROTOCOL.udp,
  payload: Uint8Array.of(0x30, 0x39, 0, 53, 0, 12, 0, 0, ...fromAscii('seen')),
});
for (const at of [0, 1000, 2000].map(instant)) {
  west.handleInside(at, inner);
  relay(at);
}
writeFileSync(join(folder, 'trace.pcap'), pcapOf(seen));
console.log(`trace.pcap: ${seen.length} packets`);
