import { EXCHANGE } from '@espalier/wire';
import type { FailureRow } from '../../report/report.ts';
import type { ExchangeWatch } from '../ike/exchanges.ts';
import type { IkeSaWatch } from '../ike/ike-sa-watch.ts';
import type { ReadMessage } from '../ike/reading/ike-sa.ts';
import type { Side } from '../ike/reading/learnt.ts';
import { portOf, type SeenAt } from '../where.ts';
import { errorName, failureRow, type SeenFailure } from './failure-row.ts';

const MOST_FAILURES = 4096;

/** Negotiations of IKEv1 that came to nothing: one end tells an error, or waits in vain. */
export class FailureWatch {
  readonly #told: SeenFailure[] = [];

  /** The errors that a message tells. */
  take(
    sa: IkeSaWatch,
    at: SeenAt,
    read: ReadMessage,
    side: Side | undefined,
    exchange: ExchangeWatch | undefined,
  ): void {
    const role = side === 'initiator' ? 'responder' : 'initiator';
    for (const payload of read.payloads) {
      if (payload.kind !== 'notification') continue;
      const error = errorName(payload.notifyType);
      if (error === undefined || this.#told.length >= MOST_FAILURES) continue;
      const phase = sa.isEstablished ? 2 : 1;
      const about = (sa.isEstablished ? sa.openQuickMode() : undefined) ?? sa.phase1() ?? exchange;
      if (phase === 1) sa.isFailed = true;
      this.#told.push({
        ikeSa: sa.index,
        exchange: about?.index ?? -1,
        frame: at.frame,
        time: at.time,
        phase,
        mode: phase === 2 ? 'quick' : sa.mode === 'aggressive' ? 'aggressive' : 'main',
        role,
        here: at.carried.to,
        peer: at.carried.from,
        error,
        isAuthenticated: read.decrypted && read.hash === 'ok',
        sent: about?.lastSent(role) ?? 0,
        inUdp: portOf(at.carried.source) === 4500,
        isSigned: sa.reader?.learnt.agreement?.isSigned ?? false,
        offer: about?.offer,
      });
    }
  }

  /** With what stands still so far. */
  rows(sas: readonly IkeSaWatch[], exchanges: readonly ExchangeWatch[]): readonly FailureRow[] {
    return [...this.#told, ...this.#standstills(sas, exchanges)].map(failureRow);
  }

  /** Exchanges after whose last message nothing came, though it was repeated. */
  #standstills(sas: readonly IkeSaWatch[], exchanges: readonly ExchangeWatch[]): readonly SeenFailure[] {
    const told = new Set(this.#told.map(({ exchange }) => exchange));
    return exchanges.flatMap((exchange) => {
      const mode = MODES[exchange.type];
      const sa = sas[exchange.ikeSa];
      if (mode === undefined || sa === undefined || told.has(exchange.index) || exchange.retransmissions === 0)
        return [];
      if (exchange.outcome() === 'complete' || (mode !== 'quick' && sa.isEstablished)) return [];
      if (sa.initiatorAddress === undefined || sa.responderAddress === undefined) return [];
      const isOwn = mode !== 'quick' || exchange.starterSource === sa.initiatorAddress;
      const [here, peer] = isOwn
        ? [sa.initiatorAddress, sa.responderAddress]
        : [sa.responderAddress, sa.initiatorAddress];
      if (mode !== 'quick') sa.isFailed = true;
      return [
        {
          ikeSa: sa.index,
          exchange: exchange.index,
          frame: exchange.lastFrame,
          time: exchange.lastTime,
          phase: mode === 'quick' ? 2 : 1,
          mode,
          role: 'initiator',
          here,
          peer,
          error: undefined,
          isAuthenticated: false,
          sent: exchange.lastSent('initiator'),
          inUdp: portOf(sa.initiator ?? '') === 4500,
          isSigned: sa.reader?.learnt.agreement?.isSigned ?? false,
          offer: exchange.offer,
        },
      ];
    });
  }
}

const MODES: Readonly<Record<number, SeenFailure['mode']>> = {
  [EXCHANGE.main]: 'main',
  [EXCHANGE.aggressive]: 'aggressive',
  [EXCHANGE.quick]: 'quick',
};
