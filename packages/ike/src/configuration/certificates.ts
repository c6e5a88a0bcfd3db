import { copyOctets } from '@espalier/crypto';
import type { Certificate } from '../questions/question.ts';
import { readArray, readInteger, readObject } from './read.ts';

/** Certificates in one message. */
const COUNT_MOST = 24;
/** Octets of them all: one datagram holds them. */
const OCTETS_MOST = 49_152;

/** Copies. @throws TypeError or RangeError unless they fit into one message. */
export function readCertificates(argument: string, value: unknown): readonly Certificate[] {
  const all = readArray(argument, value).map((one, i) => readCertificate(`${argument}[${i}]`, one));
  if (all.length > COUNT_MOST) throw new RangeError(`${argument}: must have at most ${COUNT_MOST}`);
  const octets = all.reduce((sum, { data }) => sum + data.length, 0);
  if (octets > OCTETS_MOST) throw new RangeError(`${argument}: must have at most ${OCTETS_MOST} octets in all`);
  return all;
}

function readCertificate(argument: string, value: unknown): Certificate {
  const { encoding, data } = readObject<Certificate>(argument, value);
  return {
    encoding: readInteger(`${argument}.encoding`, encoding, 0, 0xff),
    data: copyOctets(`${argument}.data`, data),
  };
}
