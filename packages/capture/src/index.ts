export { type CaptureEnd, type Frame, readCapture } from './formats/reader.ts';
export { type EspSaKeys, type IkeSaKeys, type KeyRing, readKeys } from './keys/keys.ts';
export { Decoder, type Observation } from './observer/decoder.ts';
export type { ObservedEsp } from './observer/esp-observer.ts';
export { IkeObserver, type ObservedMessage } from './observer/ike-observer.ts';
export { describe, isakmpText, toJson, toText } from './text/print.ts';
