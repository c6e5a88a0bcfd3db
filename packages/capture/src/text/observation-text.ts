import { EXCHANGE, PROTOCOL, toHex } from '@espalier/wire';
import type { AhObservation, EspObservation, IsakmpObservation, Observation } from '../observer/observation.ts';
import { nameIn, spiText } from './names.ts';

/** One line for the observation, one more for each payload. */
export function toText(observation: Observation): string {
  const { frame, source, destination } = observation;
  const head = `${String(frame).padStart(5)}  ${source} > ${destination}  `;
  switch (observation.kind) {
    case 'isakmp':
      return [head + isakmpText(observation), ...observation.payloads.map(({ summary }) => `         ${summary}`)].join(
        '\n',
      );
    case 'esp':
      return head + espText(observation);
    case 'ah': {
      const { spi, sequence, nextHeader } = observation;
      const verdicts = verdictsOf(observation).join(', ');
      return `${head}AH spi 0x${spiText(spi)} seq ${sequence}: ${verdicts}; around ${nameIn(PROTOCOL, nextHeader)}${noted(observation)}`;
    }
    case 'icmp': {
      const { text, quoted, source: from, destination: to, spi } = observation.error;
      const about = spi === undefined ? quoted : `${quoted} spi 0x${spiText(spi)}`;
      return `${head}ICMP ${text}, about ${about} ${from} > ${to}${noted(observation)}`;
    }
    case 'keepalive':
      return `${head}NAT keepalive${noted(observation)}`;
  }
}

/** Its name, message ID, and what became of it. */
export function isakmpText({
  name,
  version,
  header,
  encrypted,
  decrypted,
  hash,
  repeats,
  notes,
}: Pick<
  IsakmpObservation,
  'name' | 'version' | 'header' | 'encrypted' | 'decrypted' | 'hash' | 'repeats' | 'notes'
>): string {
  if (header === undefined) return `not ISAKMP: ${notes.join('; ')}`;
  const id = header.messageId === 0 ? '' : ` ${spiText(header.messageId)}`;
  const remarks = [
    encrypted ? (decrypted ? 'decrypted' : 'encrypted') : 'clear',
    ...(hash === 'none' ? [] : [`hash ${hash}`]),
    ...(repeats === undefined ? [] : [`repeats frame ${repeats}`]),
    ...notes,
  ];
  return `${version === 2 ? 'IKEv2' : 'ISAKMP'} ${name}${id} (${remarks.join(', ')})`;
}

function espText(observation: EspObservation): string {
  const { spi, sequence, cpi, summary, notes, encapsulation } = observation;
  const form = encapsulation === 'tcp' ? ' in TCP' : '';
  const compressed = cpi === undefined ? [] : [`IPComp CPI ${cpi}`];
  const content = [...compressed, ...(summary === undefined ? [] : [summary]), ...notes];
  const inside = content.length === 0 ? 'nothing inside' : content.join('; ');
  return `ESP${form} spi 0x${spiText(spi)} seq ${sequence}: ${verdictsOf(observation).join(', ')}; ${inside}`;
}

function verdictsOf({ icv, replay, order, distance }: EspObservation | AhObservation): readonly string[] {
  return [
    `icv ${icv}`,
    ...(replay === undefined ? [] : [`replay: ${replay}`]),
    ...(order === 'gap'
      ? [`${distance} missing before it`]
      : order === 'late'
        ? [`late by ${distance}`]
        : order === 'repeated'
          ? ['seen before']
          : []),
  ];
}

function noted({ notes }: Observation): string {
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
}

/** One JSON object on one line: octets in hexadecimal. */
export function toJson(observation: Observation): string {
  const { frame, time, kind, source, destination, notes, missing } = observation;
  const note = notes.length === 0 ? undefined : notes.join('; ');
  const shared = { frame, time, kind, source, destination };
  return JSON.stringify({ ...shared, ...detailsOf(observation), missing: missing === 0 ? undefined : missing, note });
}

function detailsOf(observation: Observation): object {
  switch (observation.kind) {
    case 'isakmp':
      return isakmpDetails(observation);
    case 'esp': {
      const { spi, sequence, sequenceHigh, order, icv, replay, suite, inner, nextHeader, cpi } = observation;
      const shown = inner === undefined ? undefined : toHex(inner);
      return { spi: spiText(spi), sequence, sequenceHigh, order, icv, replay, suite, inner: shown, nextHeader, cpi };
    }
    case 'ah': {
      const { spi, sequence, sequenceHigh, order, icv, replay, suite, nextHeader } = observation;
      return { spi: spiText(spi), sequence, sequenceHigh, order, icv, replay, suite, nextHeader };
    }
    case 'icmp': {
      const { text, mtu, quoted, spi } = observation.error;
      return { text, mtu, quoted, spi: spi === undefined ? undefined : spiText(spi) };
    }
    case 'keepalive':
      return {};
  }
}

function isakmpDetails(observation: IsakmpObservation): object {
  const { header, version, name, sender, repeats, encrypted, decrypted, hash, payloads } = observation;
  const named =
    header === undefined
      ? {}
      : {
          exchange: version === 1 ? nameIn(EXCHANGE, header.exchangeType) : String(header.exchangeType),
          messageId: spiText(header.messageId),
          initiatorCookie: header.initiatorCookie,
          responderCookie: header.responderCookie,
        };
  const shown = payloads.map(({ kind, summary, raw }) => ({ kind, summary, body: toHex(raw.subarray(4)) }));
  return { version, name, sender, repeats, ...named, encrypted, decrypted, hash, payloads: shown };
}
