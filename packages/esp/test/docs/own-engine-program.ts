import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import {
  type Engine,
  type EspJobs,
  type EspTransform,
  type EspTransformOptions,
  espSuite,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
  nobleEngine,
} from '@espalier/crypto';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { encodeIpv4, instant, PROTOCOL, parseAddress, spi } from '@espalier/wire';

const SUITE = espSuite('aes-256-gcm-16');
const [HEADER, IV, ICV] = [8, SUITE.ivOctets, SUITE.icvOctets];

/** AES-GCM (RFC 4106), packet by packet, by whatever computes it: here OpenSSL. */
class GcmTransform implements EspTransform {
  readonly suite = SUITE;
  readonly constantTime = true;
  readonly #key: Uint8Array;
  readonly #salt: Uint8Array;
  readonly #esn: boolean;

  constructor({ keys, esn }: EspTransformOptions) {
    this.#key = Uint8Array.from(keys.encryption);
    this.#salt = Uint8Array.from(keys.salt);
    this.#esn = esn;
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    for (const { packet, text, icv, high, job } of packetsOf(memory, jobs, this.#esn)) {
      // The sequence number is an IV that never comes again (RFC 4106 §3.1).
      if (iv === 'fresh') packet.set([...high, ...packet.subarray(4, HEADER)], HEADER);
      const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce(packet)).setAAD(
        this.#authentic(packet, high),
      );
      text.set(cipher.update(text));
      cipher.final();
      icv.set(cipher.getAuthTag());
      jobs.words[job + JOB_STATUS] = 1;
    }
  }

  open(memory: Uint8Array, jobs: EspJobs): undefined {
    for (const { packet, text, icv, high, job } of packetsOf(memory, jobs, this.#esn)) {
      const cipher = createDecipheriv('aes-256-gcm', this.#key, this.#nonce(packet));
      const plain = cipher.setAAD(this.#authentic(packet, high)).setAuthTag(icv).update(text);
      try {
        cipher.final();
        text.set(plain);
        jobs.words[job + JOB_STATUS] = 1;
      } catch {
        jobs.words[job + JOB_STATUS] = 0; // and the packet is left as it came
      }
    }
  }

  wipe(): void {
    this.#key.fill(0);
    this.#salt.fill(0);
  }

  #nonce(packet: Uint8Array): Uint8Array {
    return Uint8Array.of(...this.#salt, ...packet.subarray(HEADER, HEADER + IV));
  }

  /** SPI and sequence number, with ESN its high half between them (RFC 4106 §5). */
  #authentic(packet: Uint8Array, high: Uint8Array): Uint8Array {
    return this.#esn
      ? Uint8Array.of(...packet.subarray(0, 4), ...high, ...packet.subarray(4, HEADER))
      : packet.subarray(0, HEADER);
  }
}

function* packetsOf(memory: Uint8Array, { words, count }: EspJobs, esn: boolean) {
  for (let job = 0; job < count * JOB_WORDS; job += JOB_WORDS) {
    const [offset, length] = [words[job + JOB_OFFSET] ?? 0, words[job + JOB_LENGTH] ?? 0];
    const packet = memory.subarray(offset, offset + length);
    const high = new Uint8Array(4);
    if (esn) new DataView(high.buffer).setInt32(0, words[job + JOB_SEQUENCE_HIGH] ?? 0);
    yield { job, packet, high, text: packet.subarray(HEADER + IV, length - ICV), icv: packet.subarray(length - ICV) };
  }
}

/** All that it does not compute itself is another engine's. */
function ownEngine(base: Engine): Engine {
  return {
    name: 'own',
    supports: (suite) => base.supports(suite),
    allocate: (octets) => base.allocate(octets),
    release: (memory) => base.release(memory),
    createEspTransform: (options) =>
      options.suite === SUITE ? new GcmTransform(options) : base.createEspTransform(options),
    createIcvTransform: (options) => base.createIcvTransform(options),
    createDhKeyPair: (group, rng) => base.createDhKeyPair(group, rng),
    signatures: base.signatures,
  };
}

const engine = ownEngine(nobleEngine());
const keys = { encryption: randomBytes(32), salt: randomBytes(4), integrity: randomBytes(0) };
const rng = { fill: randomFillSync };
const shared = { suite: SUITE, spi: spi(0x1000), keys };
const packet = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: PROTOCOL.udp,
  payload: randomBytes(100),
});

for (const esn of [false, true]) {
  const [ours, theirs] = [engine, nobleEngine()].map((one) => {
    const sealed = new OutboundSa({ ...shared, engine: one, rng, esn }).sealInto(
      instant(0),
      packet,
      new Uint8Array(200),
    );
    return sealed.ok ? Buffer.from(sealed.octets) : Buffer.alloc(0);
  }) as [Buffer, Buffer];
  console.log(`esn ${esn}: ${ours.length} octets, the same as another engine's: ${ours.equals(theirs)}`);
  const inbound = new InboundSa({ ...shared, engine, esn });
  const tampered = Uint8Array.from(ours).fill(7, -1);
  for (const esp of [tampered, ours]) {
    const opened = inbound.openInto(instant(0), esp, new Uint8Array(200));
    console.log(opened.ok ? `opened ${opened.length} octets` : `refused: ${opened.reason}`);
  }
}
