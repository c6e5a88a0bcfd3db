import type { InsideView } from '@espalier/gateway';
import type { Inside, InsideDoor } from './inside.ts';

/**
 * A program as what is inside: `answer` takes each packet and the interface that it is for, and gives the one that goes back into
 * it, if any. The packet is valid during the call alone.
 */
export function insideProgram(
  answer: (packet: Uint8Array, insideInterface: string | undefined) => Uint8Array | undefined,
): Inside {
  let door: InsideDoor | undefined;
  return {
    open(given) {
      door = given;
    },
    deliver({ packet, insideInterface }: InsideView) {
      const reply = answer(packet, insideInterface);
      if (reply !== undefined) door?.send([reply], insideInterface);
    },
    close() {
      door = undefined;
    },
  };
}
