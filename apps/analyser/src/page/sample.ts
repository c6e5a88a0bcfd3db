import type { KeyFile } from '@espalier/capture';
import { SAMPLE_CAPTURE, SAMPLE_KEYS } from './sample.generated.ts';

/** A capture to look at, and its keys: sessions of our own, on virtual time. */
export function sample(): { readonly capture: File; readonly keys: readonly KeyFile[] } {
  const octets = Uint8Array.from(atob(SAMPLE_CAPTURE), (character) => character.charCodeAt(0));
  return { capture: new File([octets], 'sample.pcapng'), keys: [{ name: 'sample keys', text: SAMPLE_KEYS }] };
}
