/** Packets of captures, for tests: the frames of pcap and pcapng files, and lists of datagrams in JSON. */

export interface CapturedDatagram {
  readonly proto?: number;
  readonly sport?: number;
  readonly dport?: number;
  /** Of UDP for UDP, else of IP; hexadecimal. */
  readonly payload?: string;
}

export interface CapturedDatagrams {
  readonly captures: readonly { readonly file: string; readonly packets: readonly CapturedDatagram[] }[];
}

export interface Capture {
  /** LINKTYPE of tcpdump: 1 Ethernet, 101 raw IP. */
  readonly linkType: number;
  readonly frames: readonly Uint8Array[];
}

/** The octets in front of the IP header. */
export function linkHeaderOctets(linkType: number): number {
  return linkType === 1 ? 14 : 0;
}

/** Reads a little-endian or big-endian pcap file, or the enhanced packet blocks of a pcapng file. */
export function readCapture(file: Uint8Array): Capture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return view.getUint32(0) === 0x0a0d0d0a ? readPcapng(file, view) : readPcap(file, view);
}

function readPcap(file: Uint8Array, view: DataView): Capture {
  const little = view.getUint8(0) !== 0xa1;
  const frames: Uint8Array[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = view.getUint32(at + 8, little);
    frames.push(file.subarray(at + 16, at + 16 + captured));
    at += 16 + captured;
  }
  return { linkType: view.getUint32(20, little), frames };
}

function readPcapng(file: Uint8Array, view: DataView): Capture {
  const little = view.getUint32(8, true) === 0x1a2b3c4d;
  const frames: Uint8Array[] = [];
  let linkType = 1;
  for (let at = 0; at + 12 <= file.length; at += view.getUint32(at + 4, little)) {
    const block = view.getUint32(at, little);
    if (block === 1) linkType = view.getUint16(at + 8, little);
    if (block === 6) frames.push(file.subarray(at + 28, at + 28 + view.getUint32(at + 20, little)));
  }
  return { linkType, frames };
}
