// For an engine whose AES is the platform's: the packets' blocks collected into one input, and its output put back.
import { HEADER_OCTETS, isAlive, lengthOf, packetOf } from '../packets/jobs';

const IV_OCTETS: usize = 16;

/**
 * For one CBC encryption of packets `from` to `to`: in front of each one's plaintext stands a random block, the
 * encryption of which is the packet's unpredictable IV. Returns how many octets were written at `input`.
 */
export function gatherSeal(from: i32, to: i32, icvOctets: usize, random: usize, input: usize): usize {
  const start = input;
  for (let job = from; job < to; job++, random += IV_OCTETS) {
    v128.store(input, v128.load(random));
    const octets = chainOctets(job, icvOctets);
    memory.copy(input + IV_OCTETS, packetOf(job) + HEADER_OCTETS + IV_OCTETS, octets - IV_OCTETS);
    input += octets;
  }
  return input - start;
}

/** Puts IVs and ciphertext into the packets. */
export function scatterSeal(from: i32, to: i32, icvOctets: usize, output: usize): void {
  for (let job = from; job < to; job++) {
    const octets = chainOctets(job, icvOctets);
    memory.copy(packetOf(job) + HEADER_OCTETS, output, octets);
    output += octets;
  }
}

/** For one CBC decryption: IV and ciphertext of every packet that is alive. */
export function gatherOpen(from: i32, to: i32, icvOctets: usize, input: usize): usize {
  const start = input;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const octets = chainOctets(job, icvOctets);
    memory.copy(input, packetOf(job) + HEADER_OCTETS, octets);
    input += octets;
  }
  return input - start;
}

/** Puts the plaintext into the packets; what the IV decrypted to has no meaning. */
export function scatterOpen(from: i32, to: i32, icvOctets: usize, output: usize): void {
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const octets = chainOctets(job, icvOctets);
    memory.copy(packetOf(job) + HEADER_OCTETS + IV_OCTETS, output + IV_OCTETS, octets - IV_OCTETS);
    output += octets;
  }
}

/** Octets of IV and ciphertext. */
function chainOctets(job: i32, icvOctets: usize): usize {
  return lengthOf(job) - HEADER_OCTETS - icvOctets;
}
