import { equalOctets, fromAscii, fromHex } from '@espalier/wire';

/** What people take for a capture, or keep one in: its first octets, what it is, and what to do. */
const OTHERS: readonly (readonly [Uint8Array, string])[] = [
  [fromHex('1f8b'), 'gzip, which is read as it comes in chunks alone (framesOf)'],
  [fromAscii('BZh'), 'bzip2: bunzip2 it first'],
  [fromHex('28b52ffd'), 'Zstandard: unzstd it first'],
  [fromHex('fd377a585a00'), 'xz: unxz it first'],
  [fromHex('04224d18'), 'LZ4: unlz4 it first'],
  [fromAscii('PK\x03\x04'), 'a ZIP archive: unzip it first'],
  [fromHex('377abcaf271c'), 'a 7-Zip archive: unpack it first'],
  [fromAscii('btsnoop\0'), 'btsnoop, a capture of Bluetooth'],
  [fromAscii('GMBU'), 'a capture of Microsoft Network Monitor 2: convert it with editcap'],
  [fromAscii('RTSS'), 'a capture of Microsoft Network Monitor 1: convert it with editcap'],
  [fromAscii('XCP\0'), 'a capture of NetXRay or Windows Sniffer: convert it with editcap'],
  [fromAscii('TRSNIFF data'), 'a capture of DOS Sniffer: convert it with editcap'],
  [fromAscii('\x7fver'), 'a capture of EtherPeek or OmniPeek: convert it with editcap'],
  [fromHex('aaaaaaaa'), 'a capture of InfoVista 5View: convert it with editcap'],
  [fromAscii('iptrace '), 'iptrace of AIX: convert it with editcap'],
  [fromAscii('$VCD'), 'no capture, but a VCD file'],
  [fromAscii('<?xml'), 'XML, such as PDML that tshark has printed: the capture itself is needed'],
  [fromAscii('{'), 'JSON: the capture itself is needed (a key file is given as keys)'],
  [fromAscii('0000 '), 'a hex dump: make a capture of it with text2pcap'],
  [fromAscii('No.'), 'what Wireshark has printed: the capture itself is needed'],
  [fromAscii('"IPv'), 'a key table of Wireshark: it is given as keys'],
];

/** What else a file is; undefined where its beginning says nothing. */
export function otherFormat(beginning: Uint8Array): string | undefined {
  return OTHERS.find(([magic]) => equalOctets(beginning.subarray(0, magic.length), magic))?.[1];
}
