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
  [fromAscii('ObserverPktBuffe'), 'a capture of Viavi Observer: convert it with editcap'],
  [fromAscii('\x05VNF'), 'a capture of Visual Networks: convert it with editcap'],
  [fromHex('01104c000105'), 'a capture of Novell LANalyzer: convert it with editcap'],
  [fromHex('54520064'), 'nettl of HP-UX: convert it with editcap'],
  [fromHex('0000020012050010'), 'a capture of Tektronix K12 or K15: convert it with editcap'],
  [fromAscii('+---------+-----'), 'text of Tektronix K12: convert it with editcap'],
  [fromAscii('EyeSDN'), 'a capture of ISDN by EyeSDN'],
  [fromAscii('Session Transcri'), 'a capture of Catapult DCT2000: convert it with editcap'],
  [fromAscii('--------- beginn'), 'a log of Android, and no capture'],
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
  const known = OTHERS.find(([magic]) => equalOctets(beginning.subarray(0, magic.length), magic))?.[1];
  if (known !== undefined) return known;
  return COMMVIEW_DATES.some((at) => isDate(beginning, at)) ? COMMVIEW : undefined;
}

/** No magic number: a record begins with its lengths, then year, month, day, hour, minute and second. Of NCF and NCFX. */
const COMMVIEW_DATES = [5, 4] as const;
const COMMVIEW = 'a capture of TamoSoft CommView: convert it with editcap';

function isDate(octets: Uint8Array, at: number): boolean {
  const [low = 0, high = 0, month = 0, day = 0, hour = 24, minute = 60, second = 60] = octets.subarray(at, at + 7);
  const year = low | (high << 8);
  const isDay = year >= 1990 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  return isDay && hour < 24 && minute < 60 && second < 60;
}
