// The last block of docs/reference/captures.md, and what it needs around it: files as a page is given them.
import { CaptureReader, framesOf, Observer, readKeys } from '@espalier/capture';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';

const { pcap, ikev1DecryptionTable } = captureOf(play(PLAIN_SESSION).session);
const capture = new Blob([pcap]);
const file = new File([ikev1DecryptionTable], 'ikev1_decryption_table');
const show = (shown: object) => console.log(Object.keys(shown).length > 0);

const reader = new CaptureReader();
const observer = new Observer({ keys: readKeys([{ name: file.name, text: await file.text() }]) });
for await (const frames of framesOf(capture.stream(), reader)) {
  for (const frame of frames) for (const observation of observer.push(frame)) show(observation);
}
show(observer.report());
