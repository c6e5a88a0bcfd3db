import type { Observation } from '@espalier/capture';
import { ip, PROTOCOL } from '@espalier/wire';
import { Cursor, hex16 } from './cursor.ts';
import type { Field } from './field.ts';
import { ipHeader, udpHeader } from './ip.ts';
import { espOrAh, icmpError, isakmpMessage } from './ipsec.ts';

/** All of a frame: its layers, as the observer has found them, and what of IPsec lies behind. */
export function frameFields(frame: Uint8Array, observation: Observation, icvOctets: number): readonly Field[] {
  const cursor = new Cursor(frame, 0);
  const layers = observation.layers.filter(({ at }) => at >= 0);
  const end = observation.at ?? frame.length;
  layers.forEach(({ name, at }, index) => {
    const next = layers[index + 1]?.at ?? end;
    if (at < cursor.at || next < at) return;
    if (at > cursor.at) cursor.some('Between', at - cursor.at);
    layer(cursor, name, next);
  });
  if (observation.at === undefined) {
    cursor.rest('Part of what came in several frames');
    return cursor.fields;
  }
  carried(cursor, observation, icvOctets);
  if (cursor.left > 0) cursor.rest('Behind it');
  return cursor.fields;
}

function layer(at: Cursor, name: string, to: number): void {
  if (/^IPv[46] /.test(name)) ipAndUdp(at, to);
  else if (name === 'Ethernet') at.group(name, 14, 'link layer', ethernet);
  else if (name === 'VLAN') at.group(name, 4, 'tag', vlan);
  else if (name === 'AH') espOrAh(at, 'ah', to - at.at, 0);
  else at.some(name, to - at.at);
  if (at.at < to) at.some(`In ${name}`, to - at.at);
}

/** What lies between an IP header and what it carries of IPsec is UDP, with a marker perhaps, or TCP. */
function ipAndUdp(at: Cursor, to: number): void {
  const start = at.at;
  const left = at.octets.length - start;
  const payload = ip.payloadAt(at.octets, start, left);
  if (payload < 0 || payload > to) {
    at.some('IP', to - start);
    return;
  }
  const next = ip.protocol(at.octets, start, left);
  ipHeader(at, payload);
  if (next === PROTOCOL.udp && to - at.at >= 8) {
    at.group('UDP', 8, 'header', udpHeader);
    at.some('Non-ESP marker', to - at.at);
  } else if (next === PROTOCOL.tcp && at.at < to) {
    at.some('TCP', to - at.at);
  }
}

function ethernet(at: Cursor): void {
  const address = (octets: Uint8Array) => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
  at.some('Destination', 6, address);
  at.some('Source', 6, address);
  at.number('Type', 2, hex16);
}

function vlan(at: Cursor): void {
  at.number('Priority, VLAN', 2, (value) => `${value >> 13}, ${value & 0xfff}`);
  at.number('Type', 2, hex16);
}

function carried(at: Cursor, observation: Observation, icvOctets: number): void {
  switch (observation.kind) {
    case 'isakmp':
      isakmpMessage(at, observation.octets.length, observation.payloads, observation.decrypted);
      return;
    case 'esp':
    case 'ah':
      espOrAh(at, observation.kind, observation.octets.length, icvOctets);
      return;
    case 'icmp':
      icmpError(at, observation.octets.length, observation.error.text);
      return;
    case 'keepalive':
      at.some('NAT keepalive', 1);
  }
}
