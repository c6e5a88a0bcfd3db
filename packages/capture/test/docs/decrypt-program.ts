import { createReadStream, readFileSync } from 'node:fs';
import { CaptureReader, framesOf, Observer, readKeys, reportText, toText } from '@espalier/capture';

const [, , trace = '', ...keyFiles] = process.argv;
const keys = readKeys(keyFiles.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
const observer = new Observer({ keys });
const reader = new CaptureReader();
for await (const frames of framesOf(createReadStream(trace), reader)) {
  for (const frame of frames) for (const seen of observer.push(frame)) console.log(toText(seen));
}
console.log(reportText(observer.report()));
if (reader.fault !== undefined) console.log(`at octet ${reader.fault.offset}: ${reader.fault.reason}`);
