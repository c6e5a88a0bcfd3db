import { existsSync, readdirSync, statSync } from 'node:fs';

/**
 * Why nothing is sent to an address, in canonical form: what is not on this machine, or in a network of its own, is somebody's.
 * Undefined where it may be sent to.
 */
export function placeRefusal(address: string): string | undefined {
  if (isLoopback(address) || isInNamespace()) return undefined;
  return `${address} is not loopback, and this is no network namespace that has a name`;
}

function isLoopback(address: string): boolean {
  return /^127\./.test(address) || address === '::1';
}

/** Whether this process is in a network namespace that has a name (ip-netns(8)). */
function isInNamespace(): boolean {
  if (!existsSync(NAMES)) return false;
  const own = statSync('/proc/self/ns/net').ino;
  return readdirSync(NAMES).some((name) => isThis(`${NAMES}/${name}`, own));
}

const NAMES = '/run/netns';

/** Of another owner a name says nothing, and one may go at any time. */
function isThis(file: string, inode: number): boolean {
  try {
    return statSync(file).ino === inode;
  } catch {
    return false;
  }
}
