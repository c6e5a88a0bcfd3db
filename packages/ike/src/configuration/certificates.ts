import { copyOctets } from '@espalier/crypto';
import type { Certificate, CertificateRequest } from '../types.ts';
import { readArray, readInteger, readObject } from './read.ts';

/** Certificates, or requests for some, in one message. */
const COUNT_MOST = 24;
/** Octets of them all: one datagram holds them. */
const OCTETS_MOST = 49_152;

/** Copies. @throws TypeError or RangeError unless they fit into one message. */
export function readCertificates(argument: string, value: unknown): readonly Certificate[] {
  return readFitting(argument, value, (at, one) => {
    const { encoding, data } = readObject<Certificate>(at, one);
    return { encoding: readEncoding(at, encoding), data: copyOctets(`${at}.data`, data) };
  });
}

/** Likewise. */
export function readCertificateRequests(argument: string, value: unknown): readonly CertificateRequest[] {
  return readFitting(argument, value, (at, one) => {
    const { encoding, authority } = readObject<CertificateRequest>(at, one);
    return { encoding: readEncoding(at, encoding), authority: copyOctets(`${at}.authority`, authority) };
  });
}

function readEncoding(argument: string, value: unknown): number {
  return readInteger(`${argument}.encoding`, value, 0, 0xff);
}

function readFitting<T extends Certificate | CertificateRequest>(
  argument: string,
  value: unknown,
  read: (argument: string, value: unknown) => T,
): readonly T[] {
  const all = readArray(argument, value).map((one, i) => read(`${argument}[${i}]`, one));
  if (all.length > COUNT_MOST) throw new RangeError(`${argument}: must have at most ${COUNT_MOST}`);
  const octets = all.reduce((sum, one) => sum + ('data' in one ? one.data : one.authority).length, 0);
  if (octets > OCTETS_MOST) throw new RangeError(`${argument}: must have at most ${OCTETS_MOST} octets in all`);
  return all;
}
