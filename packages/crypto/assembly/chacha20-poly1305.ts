// ChaCha20-Poly1305 over the packets of the job table (RFC 7634). A context is 32 octets of key, then four of salt.
import { chachaBlocks, STREAM } from './chacha20';
import { HEADER_OCTETS, lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';
import { polyBegin, polyFinish, polyUpdate } from './poly1305';
import { xorStream } from './stream';

const IV_OCTETS: usize = 8;
const ICV_OCTETS: usize = 16;
const SALT: usize = 32;

/** Additional data; what is behind the last whole block of ciphertext; the lengths: a block each. */
const FRAME: usize = memory.data(48, 16);
const TAG: usize = memory.data(16, 16);

export function chachaSeal(context: usize, count: i32, esn: bool): void {
  for (let job = 0; job < count; job++) {
    begin(context, job);
    crypt(context, job);
    tag(job, esn);
    v128.store(packetOf(job) + lengthOf(job) - ICV_OCTETS, v128.load(TAG));
  }
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function chachaOpen(context: usize, count: i32, esn: bool): void {
  for (let job = 0; job < count; job++) {
    begin(context, job);
    tag(job, esn);
    const icv = packetOf(job) + lengthOf(job) - ICV_OCTETS;
    const alive = !v128.any_true(v128.xor(v128.load(TAG), v128.load(icv)));
    setAlive(job, alive);
    if (alive) crypt(context, job);
  }
}

/** Makes the first 256 octets of key stream; its first block begins with the one-time key (RFC 8439 §2.6). */
function begin(context: usize, job: i32): void {
  blocks(context, job, 0);
  polyBegin(STREAM);
}

/** XORs the ciphertext with the key stream from counter 1 on, of which STREAM holds blocks 1 to 3. */
function crypt(context: usize, job: i32): void {
  let text = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
  let octets = ciphertextOctets(job);
  const begun = min<usize>(octets, 192);
  xorStream(text, begun, STREAM + 64);
  text += begun;
  octets -= begun;
  for (let counter: u32 = 4; octets > 0; counter += 4) {
    blocks(context, job, counter);
    const part = min<usize>(octets, 256);
    xorStream(text, part, STREAM);
    text += part;
    octets -= part;
  }
}

function blocks(context: usize, job: i32, counter: u32): void {
  const iv = packetOf(job) + HEADER_OCTETS;
  chachaBlocks(context, counter, load<i32>(context + SALT), load<i32>(iv), load<i32>(iv, 4));
}

/** Writes TAG: over the additional data, the ciphertext and their lengths (RFC 7634 §2.1, RFC 8439 §2.8). */
function tag(job: i32, esn: bool): void {
  const packet = packetOf(job);
  const octets = ciphertextOctets(job);
  const rest = octets & 15;
  const spi = load<i32>(packet);
  const sequence = load<i32>(packet, 4);
  const additional = esn ? i32x4(spi, bswap<i32>(sequenceHighOf(job)), sequence, 0) : i32x4(spi, sequence, 0, 0);
  v128.store(FRAME, additional);
  polyUpdate(FRAME, 16);
  polyUpdate(packet + HEADER_OCTETS + IV_OCTETS, octets - rest);
  v128.store(FRAME, i32x4.splat(0), 16);
  memory.copy(FRAME + 16, packet + HEADER_OCTETS + IV_OCTETS + octets - rest, rest);
  const lengths = FRAME + (rest === 0 ? 16 : 32);
  store<u64>(lengths, esn ? 12 : 8);
  store<u64>(lengths, octets, 8);
  polyUpdate(FRAME + 16, rest === 0 ? 16 : 32);
  polyFinish(TAG);
}

function ciphertextOctets(job: i32): usize {
  return lengthOf(job) - HEADER_OCTETS - IV_OCTETS - ICV_OCTETS;
}
