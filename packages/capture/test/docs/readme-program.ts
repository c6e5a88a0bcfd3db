import { CaptureReader, framesOf, Observer, readKeys, toText } from '@espalier/capture';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';

// A session to look at, and its keys as Wireshark's tables: in a program of yours, files.
const { pcap, ikev1DecryptionTable, espSa } = captureOf(play(PLAIN_SESSION).session);

const keys = readKeys([
  { name: 'ikev1_decryption_table', text: ikev1DecryptionTable },
  { name: 'esp_sa', text: espSa },
]);
const observer = new Observer({ keys });
const reader = new CaptureReader();
for await (const frames of framesOf([pcap], reader)) {
  for (const frame of frames) {
    for (const observation of observer.push(frame)) console.log(toText(observation).split('\n')[0]);
  }
}

const { sas, findings } = observer.report();
for (const { source, destination, suite, packets } of sas) {
  console.log(`${source} > ${destination}: ${suite}, ${packets} packets`);
}
for (const { severity, what, clause } of findings) console.log(`${severity}: ${what} (${clause})`);
console.log(`${reader.format}, ${reader.frames} frames, ${reader.fault?.reason ?? 'read to its end'}`);
