import type { KeyFile } from '@espalier/capture';

/** No key file is as large. */
const MOST_KEY_OCTETS = 4 << 20;
/** What is looked at to tell text from a capture. */
const LOOKED_AT = 512;

export interface Given {
  readonly captures: readonly File[];
  readonly keys: readonly KeyFile[];
}

/** What was dropped or chosen, told apart by what is in it: keys are text, captures are not. */
export async function sorted(files: Iterable<File>): Promise<Given> {
  const captures: File[] = [];
  const keys: KeyFile[] = [];
  for (const file of files) {
    if (file.size <= MOST_KEY_OCTETS && (await isText(file))) keys.push({ name: file.name, text: await file.text() });
    else captures.push(file);
  }
  return { captures, keys };
}

async function isText(file: Blob): Promise<boolean> {
  const octets = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
  return octets.length > 0 && octets.every((octet) => octet >= 0x20 || octet === 9 || octet === 10 || octet === 13);
}

/** Hands a file to whoever looks at the page. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
