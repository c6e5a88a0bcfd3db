import { type CbcCipher, createCbc, type HashName } from '@espalier/crypto';
import type { IkeProposal } from '@espalier/ike';
import { decodeHeader, FLAG, fromHex, ISAKMP_HEADER_OCTETS, toHex } from '@espalier/wire';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { openRecorded, type RecordedMessage } from './recorded.ts';

/** keys.json of a capture: what the daemons of both ends logged, and what was seen on the way. */
export interface CaptureFile {
  readonly psk: string;
  readonly ike_sas: readonly Readonly<Record<string, string>>[];
  readonly child_sas: readonly Readonly<Record<string, string>>[];
  readonly ike_messages: readonly {
    /** Absent for a NAT keepalive. */
    readonly message?: string;
    readonly iv?: string;
    readonly plaintext?: string;
    readonly src: string;
    readonly dst: string;
    /** Of an encrypted message that none of the keys opens. */
    readonly error?: string;
    /** What the fragments up to this one make. */
    readonly reassembled?: string;
  }[];
}

/** One message that was seen, whole. */
export interface CapturedMessage {
  readonly src: string;
  readonly dst: string;
  readonly octets: Uint8Array;
  /** As it was recorded; undefined in clear. */
  readonly iv: Uint8Array | undefined;
  readonly plaintext: Uint8Array | undefined;
  readonly isUndecipherable: boolean;
}

const NOTHING: CaptureFile = { psk: '', ike_sas: [], child_sas: [], ike_messages: [] };

/** A capture of ../shared; an empty one where there is none. */
export class Capture {
  readonly file: CaptureFile;
  /** Every message, fragments put together. */
  readonly sent: readonly CapturedMessage[];

  constructor(name: string) {
    this.file = hasShared ? sharedJson<CaptureFile>(`captures/${name}/keys.json`) : NOTHING;
    this.sent = sentIn(this.file);
  }

  /** Of the IKE SA that is the `at`th. */
  sa(at = 0): CapturedSa {
    return new CapturedSa(this.file.ike_sas[at] ?? {});
  }

  get sas(): readonly CapturedSa[] {
    return this.file.ike_sas.map((fields) => new CapturedSa(fields));
  }

  /** The messages of an IKE SA, each with what is in it; without those that nobody can open. */
  messagesOf(sa: CapturedSa): readonly RecordedMessage[] {
    return this.sent
      .filter(({ octets, isUndecipherable }) => sa.isOf(octets) && !isUndecipherable)
      .map((message) => this.open(sa, message));
  }

  open(sa: CapturedSa, { octets, iv }: CapturedMessage): RecordedMessage {
    return openRecorded(toHex(octets), sa.cipher, iv);
  }
}

/** What was logged of one IKE SA. */
export class CapturedSa {
  readonly fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.fields = fields;
  }

  octets(name: string): Uint8Array {
    return fromHex(this.fields[name] ?? '');
  }

  /** Told by the length of SKEYID. */
  get hash(): HashName {
    return this.octets('skeyid').length === 32 ? 'sha2-256' : 'sha1';
  }

  /** Told by the length of its blocks. */
  get encryption(): IkeProposal['encryption'] {
    return this.octets('iv0').length === 8 ? '3des-cbc' : 'aes-cbc';
  }

  get cipher(): CbcCipher {
    return createCbc(this.encryption, this.octets('ka'));
  }

  get initiatorCookie(): Uint8Array {
    return this.octets('cookie_i');
  }

  get responderCookie(): Uint8Array {
    return this.octets('cookie_r');
  }

  isOf(octets: Uint8Array): boolean {
    return toHex(octets.subarray(0, 8)) === toHex(this.initiatorCookie);
  }
}

function sentIn({ ike_messages }: CaptureFile): readonly CapturedMessage[] {
  let fragments: Uint8Array[] = [];
  return ike_messages.flatMap(({ message, iv, plaintext, src, dst, error }) => {
    if (message === undefined) return [];
    const octets = fromHex(message);
    const whole = decodeHeader(octets).nextPayload === PAYLOAD_FRAGMENT ? undefined : octets;
    if (whole === undefined) fragments.push(octets);
    const isLast = octets[ISAKMP_HEADER_OCTETS + 7] === 1;
    if (whole === undefined && !isLast) return [];
    const joined = whole ?? Uint8Array.from(fragments.flatMap((fragment) => [...fragment.subarray(FRAGMENT_AT)]));
    if (whole === undefined) fragments = [];
    const isEncrypted = (decodeHeader(joined).flags & FLAG.encryption) !== 0;
    return [
      {
        src,
        dst,
        octets: joined,
        iv: iv === undefined || !isEncrypted ? undefined : fromHex(iv),
        plaintext: plaintext === undefined ? undefined : fromHex(plaintext),
        isUndecipherable: error !== undefined,
      },
    ];
  });
}

/** Cisco's: after the generic header a number of the message, of the fragment, and whether it is the last. */
const PAYLOAD_FRAGMENT = 132;
const FRAGMENT_AT = ISAKMP_HEADER_OCTETS + 8;
