import type { PrivateGroup } from '@espalier/crypto';
import type { Instant, Spi } from '@espalier/wire';
import { IkeEndpoint } from '../endpoint.ts';
import type { HandleResult, IkeEvent, Transmit } from '../events.ts';
import type { Answer, AnswerResult, Question } from '../questions/question.ts';
import type { ChildIdentities, ChildPolicy, Endpoint, IkeEndpointConfig, PeerConfig, SasOfOld } from '../types.ts';
import { type RecordingOptions, Tape } from './tape.ts';

/**
 * An endpoint that writes down what goes in and what comes out, line by line in JSON: each input before it is done, then
 * what was drawn for it, what came of it, and the outputs as the caller fetches them. `Replay` does it all again.
 */
export class RecordedEndpoint extends IkeEndpoint {
  readonly #tape: Tape;

  /** @throws as `IkeEndpoint`, and TypeError for a `recording` that cannot be. */
  constructor(config: IkeEndpointConfig, recording: RecordingOptions) {
    const tape = new Tape(recording);
    tape.begin(Object(config));
    super(isWatchable(config) ? tape.watch(config) : config);
    this.#tape = tape;
    tape.returned(undefined, super.pollTimeout());
  }

  override addPeer(now: Instant, peer: PeerConfig): void {
    this.#do('addPeer', { now, peer }, () => super.addPeer(now, peer));
  }

  override replacePeer(now: Instant, peer: PeerConfig, sas?: SasOfOld): void {
    this.#do('replacePeer', { now, peer, sas }, () => super.replacePeer(now, peer, sas));
  }

  override removePeer(now: Instant, peerName: string, sas?: SasOfOld): void {
    this.#do('removePeer', { now, peerName, sas }, () => super.removePeer(now, peerName, sas));
  }

  override addChild(now: Instant, peerName: string, child: ChildPolicy): void {
    this.#do('addChild', { now, peerName, child }, () => super.addChild(now, peerName, child));
  }

  override replaceChild(now: Instant, peerName: string, child: ChildPolicy, sas?: SasOfOld): void {
    this.#do('replaceChild', { now, peerName, child, sas }, () => super.replaceChild(now, peerName, child, sas));
  }

  override removeChild(now: Instant, peerName: string, childName: string, sas?: SasOfOld): void {
    this.#do('removeChild', { now, peerName, childName, sas }, () => super.removeChild(now, peerName, childName, sas));
  }

  override handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): HandleResult {
    return this.#do('handleDatagram', { now, from, to, datagram }, () => super.handleDatagram(now, from, to, datagram));
  }

  override handleTimeout(now: Instant): void {
    this.#do('handleTimeout', { now }, () => super.handleTimeout(now));
  }

  override initiate(now: Instant, peerName: string, childName?: string, identities?: ChildIdentities): void {
    const input = { now, peerName, childName, ...(identities === undefined ? {} : { identities }) };
    this.#do('initiate', input, () => super.initiate(now, peerName, childName, identities));
  }

  override initiateTogether(now: Instant, peerName: string, childNames: readonly string[]): void {
    const input = { now, peerName, childNames };
    this.#do('initiateTogether', input, () => super.initiateTogether(now, peerName, childNames));
  }

  override rekeyChild(now: Instant, inbound: Spi): void {
    this.#do('rekeyChild', { now, inbound }, () => super.rekeyChild(now, inbound));
  }

  override rekeyIke(now: Instant, peerName: string): void {
    this.#do('rekeyIke', { now, peerName }, () => super.rekeyIke(now, peerName));
  }

  override newGroup(now: Instant, peerName: string, number: number, group: PrivateGroup): void {
    this.#do('newGroup', { now, peerName, number, group }, () => super.newGroup(now, peerName, number, group));
  }

  override confirmChild(now: Instant, inbound: Spi): void {
    this.#do('confirmChild', { now, inbound }, () => super.confirmChild(now, inbound));
  }

  override deleteChild(now: Instant, inbound: Spi): void {
    this.#do('deleteChild', { now, inbound }, () => super.deleteChild(now, inbound));
  }

  override noteEndpoint(now: Instant, inbound: Spi, from: Endpoint): void {
    this.#do('noteEndpoint', { now, inbound, from }, () => super.noteEndpoint(now, inbound, from));
  }

  override noteTraffic(now: Instant, inbound: Spi): void {
    this.#do('noteTraffic', { now, inbound }, () => super.noteTraffic(now, inbound));
  }

  override askForLife(now: Instant, inbound: Spi): void {
    this.#do('askForLife', { now, inbound }, () => super.askForLife(now, inbound));
  }

  override noteUnknownSpi(now: Instant, from: Endpoint, to: Endpoint, protocol: 'esp' | 'ah', value: Spi): void {
    const fields = { now, from, to, protocol, value };
    this.#do('noteUnknownSpi', fields, () => super.noteUnknownSpi(now, from, to, protocol, value));
  }

  override answer(now: Instant, id: number, answer: Answer): AnswerResult {
    return this.#do('answer', { now, id, answer }, () => super.answer(now, id, answer));
  }

  override close(now: Instant): void {
    this.#do('close', { now }, () => super.close(now));
  }

  override pollEvent(): IkeEvent | undefined {
    const event = super.pollEvent();
    this.#tape.output('event', event);
    return event;
  }

  override pollTransmit(): Transmit | undefined {
    const transmit = super.pollTransmit();
    this.#tape.output('transmit', transmit);
    return transmit;
  }

  override pollQuestion(): Question | undefined {
    const question = super.pollQuestion();
    this.#tape.output('question', question);
    return question;
  }

  #do<T>(name: string, fields: object, input: () => T): T {
    this.#tape.input(name, fields);
    try {
      const result = input();
      this.#tape.returned(result, super.pollTimeout());
      return result;
    } catch (error) {
      this.#tape.threw(error);
      throw error;
    }
  }
}

/** Whether there is something to draw from; else the endpoint says what is wrong. */
function isWatchable(config: IkeEndpointConfig): boolean {
  return typeof config?.engine?.createDhKeyPair === 'function' && typeof config.rng?.fill === 'function';
}
