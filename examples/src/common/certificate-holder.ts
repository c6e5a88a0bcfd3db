import type { Engine } from '@espalier/crypto';
import type { Answer, Question } from '@espalier/ike';
import {
  formatCaCertificates,
  formatCrls,
  formatLocalCertificates,
  formatServiceCertificates,
  type JunosConfiguration,
  type NamedCertificate,
  type ServiceCertificatesView,
} from '@espalier/junos';
import { type Answering, answerWith, type Certificate, type Pki } from '@espalier/pki';
import { equalOctets } from '@espalier/wire';
import { type Holdings, pkisOf } from './junos-pki.ts';

/** What a router shows of certificates. */
export interface CertificateTexts {
  readonly ofServices: string;
  readonly authorities: string;
  readonly own: string;
  readonly crls: string;
}

/** The certificates of one router: answers its IKE, and its operator. */
export class CertificateHolder {
  #holdings: Holdings;
  readonly #pkis: ReadonlyMap<string, Pki>;
  readonly #answering: Answering;
  readonly #serviceSets: readonly string[];
  readonly #peersOf: (serviceSet: string) => readonly string[];
  /** What peers have shown and was verified. */
  readonly #believed: { readonly peer: string; readonly certificate: Certificate }[] = [];

  constructor({ pki, serviceSets }: JunosConfiguration, holdings: Holdings, engine: Pick<Engine, 'signatures'>) {
    this.#pkis = pkisOf(pki, holdings, engine);
    this.#holdings = holdings;
    this.#answering = answerWith((peer) => this.#pkis.get(peer));
    this.#serviceSets = serviceSets.map(({ name }) => name);
    this.#peersOf = (serviceSet) => pki.peers.filter((peer) => peer.serviceSet === serviceSet).map(({ peer }) => peer);
  }

  /** `at`: milliseconds since 1970. Undefined where it is not about certificates. */
  answer(question: Question, at: number): Answer | undefined {
    const answer = this.#answering(question, at);
    if (question.kind === 'verify-chain' && answer !== undefined && 'key' in answer) {
      const verdict = this.#pkis.get(question.peer)?.verifyChain(at, question);
      // What leads from the trust anchor to the peer, and nothing else that came along.
      if (verdict?.ok === true) for (const one of verdict.path.slice(1)) this.#remember(question.peer, one);
    }
    return answer;
  }

  /** Takes CRLs that have been fetched anew, by CA profile. */
  renew(crls: Holdings['crls']): void {
    this.#holdings = { ...this.#holdings, crls };
    for (const pki of this.#pkis.values()) for (const crl of [...crls.values()].flat()) pki.addCrl(crl);
  }

  show(): CertificateTexts {
    const { authorities, own, crls } = this.#holdings;
    const named = (all: Iterable<readonly [string, Certificate]>): readonly NamedCertificate[] =>
      [...all].map(([identifier, certificate]) => ({ identifier, certificate }));
    const detail = { detail: true };
    return {
      ofServices: formatServiceCertificates(
        this.#serviceSets.map((name) => this.#view(name)),
        detail,
      ),
      authorities: formatCaCertificates(named(authorities)),
      own: formatLocalCertificates(named([...own].map(([id, { certificate }]) => [id, certificate] as const)), detail),
      crls: formatCrls(
        [...crls].flatMap(([caProfile, all]) => all.map((crl) => ({ caProfile, crl }))),
        detail,
      ),
    };
  }

  #view(serviceSet: string): ServiceCertificatesView {
    const { authorities, own } = this.#holdings;
    const peers = this.#peersOf(serviceSet);
    const certificates = [
      ...[...authorities.values()].map((certificate) => ({ certificate, isRoot: true })),
      ...[...own.values()].map(({ certificate }) => ({ certificate, isRoot: false })),
      ...this.#believed
        .filter(({ peer }) => peers.includes(peer))
        .map(({ certificate }) => ({ certificate, isRoot: false })),
    ];
    return { serviceSet, entries: certificates.map((entry, i) => ({ ...entry, number: i + 1 })) };
  }

  #remember(peer: string, certificate: Certificate): void {
    const isKnown = this.#believed.some((one) => equalOctets(one.certificate.octets, certificate.octets));
    if (!isKnown) this.#believed.push({ peer, certificate });
  }
}
