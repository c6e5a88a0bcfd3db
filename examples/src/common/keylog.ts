import { appendFileSync, writeFileSync } from 'node:fs';
import type { KeyLogEntry } from '@espalier/ike';
import { espLine, ikeLine } from '@espalier/testing/wireshark';

/** Writes the keys of all SAs into two files that Wireshark takes as its tables, readable by their owner only. */
export class KeyLogFiles {
  readonly ikeFile: string;
  readonly espFile: string;
  #last: readonly string[] = [];

  constructor(file: string) {
    this.ikeFile = `${file}.ikev1_decryption_table`;
    this.espFile = `${file}.esp_sa`;
    for (const name of [this.ikeFile, this.espFile]) writeFileSync(name, '', { mode: 0o600 });
  }

  /** Writes an entry once, also when both ends of an SA tell of it. Wireshark has no table for the keys of AH. */
  write(entry: KeyLogEntry): void {
    if (entry.kind === 'ah') return;
    const line = entry.kind === 'ike' ? ikeLine(entry) : espLine(entry);
    if (line === undefined || this.#last.includes(line)) return;
    this.#last = [line, ...this.#last.slice(0, 7)];
    appendFileSync(entry.kind === 'ike' ? this.ikeFile : this.espFile, `${line}\n`);
  }
}
