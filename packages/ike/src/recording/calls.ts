import { copyOctets } from '@espalier/crypto';
import { type Instant, instant, type Spi, spi } from '@espalier/wire';
import { readChildIdentities, readChildPolicy } from '../configuration/child-policy.ts';
import { readPeerConfig } from '../configuration/peer-config.ts';
import { readPrivateGroup, readPrivateGroupNumber } from '../configuration/private-groups.ts';
import { LEGACY } from '../configuration/proposals.ts';
import { readArray, readChoice, readInteger, readObject, readOptional, readText } from '../configuration/read.ts';
import type { IkeEndpoint } from '../endpoint.ts';
import { readAnswer } from '../questions/read-answer.ts';
import type { ChildPolicy, Endpoint, PeerConfig, SasOfOld } from '../types.ts';

/** A field of an input, by its name. */
export type Field = (name: string) => unknown;

const ALL = new Set(LEGACY);

/** Every input, as it is done again. What cannot be read throws as the input would. */
export const CALLS: Readonly<Record<string, (endpoint: IkeEndpoint, field: Field) => unknown>> = {
  addPeer: (endpoint, field) => endpoint.addPeer(now(field), peer(field)),
  replacePeer: (endpoint, field) => endpoint.replacePeer(now(field), peer(field), sas(field)),
  removePeer: (endpoint, field) => endpoint.removePeer(now(field), text(field, 'peerName'), sas(field)),
  addChild: (endpoint, field) => endpoint.addChild(now(field), text(field, 'peerName'), child(field)),
  replaceChild: (endpoint, field) =>
    endpoint.replaceChild(now(field), text(field, 'peerName'), child(field), sas(field)),
  removeChild: (endpoint, field) =>
    endpoint.removeChild(now(field), text(field, 'peerName'), text(field, 'childName'), sas(field)),
  handleDatagram: (endpoint, field) =>
    endpoint.handleDatagram(
      now(field),
      end(field, 'from'),
      end(field, 'to'),
      copyOctets('datagram', field('datagram')),
    ),
  handleTimeout: (endpoint, field) => endpoint.handleTimeout(now(field)),
  initiate: (endpoint, field) =>
    endpoint.initiate(
      now(field),
      text(field, 'peerName'),
      readOptional('childName', field('childName'), readText),
      readOptional('identities', field('identities'), readChildIdentities),
    ),
  initiateTogether: (endpoint, field) =>
    endpoint.initiateTogether(
      now(field),
      text(field, 'peerName'),
      readArray('childNames', field('childNames')).map((name, i) => readText(`childNames[${i}]`, name)),
    ),
  rekeyChild: (endpoint, field) => endpoint.rekeyChild(now(field), inbound(field)),
  rekeyIke: (endpoint, field) => endpoint.rekeyIke(now(field), text(field, 'peerName')),
  newGroup: (endpoint, field) =>
    endpoint.newGroup(
      now(field),
      text(field, 'peerName'),
      readPrivateGroupNumber('number', field('number')),
      readPrivateGroup('group', field('group')),
    ),
  confirmChild: (endpoint, field) => endpoint.confirmChild(now(field), inbound(field)),
  deleteChild: (endpoint, field) => endpoint.deleteChild(now(field), inbound(field)),
  noteEndpoint: (endpoint, field) => endpoint.noteEndpoint(now(field), inbound(field), end(field, 'from')),
  noteTraffic: (endpoint, field) => endpoint.noteTraffic(now(field), inbound(field)),
  askForLife: (endpoint, field) => endpoint.askForLife(now(field), inbound(field)),
  noteUnknownSpi: (endpoint, field) =>
    endpoint.noteUnknownSpi(
      now(field),
      end(field, 'from'),
      end(field, 'to'),
      readChoice('protocol', field('protocol'), ['esp', 'ah']),
      spi(readInteger('value', field('value'), 256, 0xffffffff)),
    ),
  answer: (endpoint, field) =>
    endpoint.answer(
      now(field),
      readInteger('id', field('id'), 0, Number.MAX_SAFE_INTEGER),
      readAnswer('answer', field('answer')),
    ),
  close: (endpoint, field) => endpoint.close(now(field)),
};

/** The time of an input. */
export function now(field: Field): Instant {
  const value = field('now');
  if (typeof value !== 'number') throw new TypeError('now: must be a number of milliseconds');
  return instant(value);
}

/** One end of a datagram. */
export function end(field: Field, name: string): Endpoint {
  const { address, port } = readObject<Endpoint>(name, field(name));
  return { address: readText(`${name}.address`, address), port: readInteger(`${name}.port`, port, 0, 0xffff) };
}

function text(field: Field, name: string): string {
  return readText(name, field(name));
}

function peer(field: Field): PeerConfig {
  return readPeerConfig('peer', field('peer'), ALL);
}

function child(field: Field): ChildPolicy {
  return readChildPolicy('child', field('child'), ALL);
}

function sas(field: Field): SasOfOld | undefined {
  return readOptional('sas', field('sas'), (argument, value) => readChoice(argument, value, ['delete', 'keep']));
}

function inbound(field: Field): Spi {
  return spi(readInteger('inbound', field('inbound'), 256, 0xffffffff));
}
