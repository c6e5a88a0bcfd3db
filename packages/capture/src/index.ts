export type { CaptureFault, Frame } from './formats/frame.ts';
export { type CaptureEnd, CaptureReader, readCapture } from './formats/reader.ts';
export { type Chunks, framesOf } from './formats/stream.ts';
export { type FrameToWrite, PcapngWriter } from './formats/writer.ts';
export type { AhSaKeys, EspSaKeys, IkeSaKeys, KeyRing, SaKeys } from './keys/key-ring.ts';
export { type KeyFile, readKeys } from './keys/read-keys.ts';
export type { ObservedDatagram, ObservedFrame, ObserverOptions } from './observer/arguments.ts';
export { decryptedFrame } from './observer/decrypted-frame.ts';
export { OBSERVER_LIMITS, type ObserverLimits } from './observer/limits.ts';
export type {
  AhObservation,
  EspObservation,
  HashVerdict,
  IcmpObservation,
  IsakmpObservation,
  KeepaliveObservation,
  Observation,
  ObservedHeader,
  ObservedPayload,
  ObservedWhere,
  SequenceOrder,
} from './observer/observation.ts';
export { Observer } from './observer/observer.ts';
export type { IcmpError, SeenLayer, Unread } from './packets/carried.ts';
export type { Datagram } from './packets/finder.ts';
export type {
  ConversationRow,
  ExchangeRow,
  FailureRow,
  Finding,
  IkeSaRow,
  PeerRow,
  Phase1Row,
  Report,
  SaRow,
  UnreadRow,
} from './report/report.ts';
export { isakmpText, toJson, toText } from './text/observation-text.ts';
export { reportText, unreadText } from './text/report-text.ts';
