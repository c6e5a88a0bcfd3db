import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESP_SUITES, type EspSuite } from '@espalier/crypto';
import { espLine, pcapOf } from '@espalier/testing/wireshark';
import { equalOctets, fromHex, instant } from '@espalier/wire';
import { check } from '../machine/failures.ts';
import type { Testbed } from '../machine/testbed.ts';
import { associations, type Form, packetOf, sealByOurs } from './association.ts';
import { GATEWAYS } from './datagrams.ts';

const FORM: Form = { mode: 'tunnel', inner: 4, outer: 4, inUdp: false, esn: false };
const SIZES = [0, 13, 1300];
/** Of IPv4 and UDP. */
const HEADER_OCTETS = 28;

const PREFERENCES = ['esp.enable_encryption_decode:TRUE', 'esp.enable_authentication_check:TRUE'];
const FIELDS = ['esp.icv_good', 'esp.icv_bad', 'data.data'];

/** What ours seals is decrypted, and its ICV found right, by Wireshark with the keys that our key log tells it. */
export async function espInWireshark(bed: Testbed): Promise<void> {
  const suites = ESP_SUITES.filter(isKnownToWireshark);
  const all = associations(FORM, suites, SIZES);
  const trace = join(bed.folder, 'sealed.pcap');
  writeFileSync(trace, pcapOf(all.map((one, second) => ({ at: instant(1000 * second), packet: sealByOurs(one) }))));
  const table = all.map(({ spi, suite, keys }) => espLine({ kind: 'esp', ...GATEWAYS[4], spi, suite, keys }));
  // Wireshark's tables are files of its folder.
  const settings = bed.folderOf('wireshark');
  writeFileSync(join(settings, 'esp_sa'), table.map((line) => `${line}\n`).join(''));
  const argv = ['tshark', '-r', trace, ...PREFERENCES.flatMap((one) => ['-o', one]), '-T', 'fields'];
  const output = await bed.must('R2', [...argv, ...FIELDS.flatMap((field) => ['-e', field])], {
    seconds: 60,
    environment: { WIRESHARK_CONFIG_DIR: settings },
  });
  const lines = output.split('\n');
  all.forEach((one, index) => {
    const [good, bad, payload = ''] = (lines[index] ?? '').split('\t');
    check(good === '1' && bad === '0', `${one.title}: Wireshark finds the ICV wrong: ${lines[index]}`);
    const expected = packetOf(one).subarray(HEADER_OCTETS);
    check(equalOctets(fromHex(payload), expected), `${one.title}: Wireshark decrypts something else: ${payload}`);
  });
  bed.verify(`${all.length} packets of ${suites.length} suites decrypted with our key log`);
}

/** What Wireshark 4.0 has no words for. */
function isKnownToWireshark({ name }: EspSuite): boolean {
  return !/chacha|ccm|gmac|camellia|xcbc|cmac|-iiv|\/none/.test(name);
}
